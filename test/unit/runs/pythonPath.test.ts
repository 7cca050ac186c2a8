import { describe, expect, it } from 'vitest';
import { siteFolder, withSite } from '../../../src/runs/launch/pythonPath';

describe('PYTHONPATH of a run', () => {
  it.each([
    [undefined, '/site'],
    ['', '/site'],
    ['/a:/b', '/site:/a:/b'],
    ['/b:/a:/b', '/site:/b:/a:/b'],
  ])('puts our folder before %s', (before, after) => {
    expect(withSite(before, '/site', ':')).toBe(after);
  });

  it('keeps empty entries, which mean the working directory', () => {
    expect(withSite('/a:', '/site', ':')).toBe('/site:/a:');
    expect(withSite(':/a', '/site', ':')).toBe('/site::/a');
  });

  it('changes nothing the second time, wherever our folder stood', () => {
    const once = withSite('/a:/b', '/site', ':');
    expect(withSite(once, '/site', ':')).toBe(once);
    expect(withSite('/a:/site:/b', '/site', ':')).toBe('/site:/a:/b');
  });

  it('parts by semicolons on Windows', () => {
    expect(withSite('C:\\a;D:\\b', 'C:\\site', ';')).toBe('C:\\site;C:\\a;D:\\b');
  });

  it('finds the folder beside the bundles', () => {
    expect(siteFolder('/ext/dist')).toBe('/ext/python/permafrost/site');
  });
});
