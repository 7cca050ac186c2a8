/**
 * The form controls, from `@vscode/webview-ui-toolkit`. The toolkit is archived: this is the only
 * file that knows it, so that another one can take its place.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
  type Button,
  type Checkbox,
  type Dropdown,
  type TextField,
} from '@vscode/webview-ui-toolkit';

declare global {
  interface HTMLElementTagNameMap {
    'vscode-button': Button;
    'vscode-checkbox': Checkbox;
    'vscode-dropdown': Dropdown;
    'vscode-text-field': TextField;
  }
}

/** Defines the toolkit's elements; once, before the first control is made. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeTextField(),
  );
}

export function button(label: string, title: string, action: () => void): HTMLElement {
  const element = document.createElement('vscode-button');
  element.setAttribute('appearance', 'secondary');
  element.title = title;
  element.textContent = label;
  element.addEventListener('click', action);
  return element;
}

export function checkbox(
  label: string,
  checked: boolean,
  change: (checked: boolean) => void,
): HTMLElement {
  const element = document.createElement('vscode-checkbox');
  element.textContent = label;
  element.checked = checked;
  element.addEventListener('change', () => {
    change(element.checked);
  });
  return element;
}

/** A field whose `input` is told as it is typed. */
export function textField(
  label: string,
  placeholder: string,
  value: string,
  input: (value: string) => void,
): HTMLElement {
  const element = document.createElement('vscode-text-field');
  // The toolkit overwrites aria-label by this text, which report.css hides from sight.
  element.textContent = label;
  element.setAttribute('placeholder', placeholder);
  element.value = value;
  element.addEventListener('input', () => {
    input(element.value);
  });
  return element;
}

export interface Choice {
  readonly element: HTMLElement;
  /** Replaces the options, when they differ, and chooses one by index. */
  set(options: readonly string[], chosen: number): void;
}

export function dropdown(label: string, change: (index: number) => void): Choice {
  const element = document.createElement('vscode-dropdown');
  element.setAttribute('aria-label', label);
  let shown: readonly string[] = [];
  element.addEventListener('change', () => {
    change(element.selectedIndex);
  });
  return {
    element,
    set: (options, chosen) => {
      const same =
        shown.length === options.length && options.every((option, i) => option === shown[i]);
      if (!same) {
        element.replaceChildren(
          ...options.map((text, index) => {
            const option = document.createElement('vscode-option');
            option.setAttribute('value', String(index));
            option.textContent = text;
            return option;
          }),
        );
        shown = options;
      }
      element.selectedIndex = chosen;
    },
  };
}
