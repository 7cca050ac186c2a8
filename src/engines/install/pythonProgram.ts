/**
 * The part of an installation that runs in Python (3.7 and newer): `python -c PROGRAM <request>`,
 * where the request is JSON; it prints JSON, one object a line, the last being `result` or `error`.
 *
 * Wheels are found and fetched through pip's own session and finder (alike from pip 20.3 to 26.0),
 * so that the user's index, proxy, certificates and passwords hold; `pip download` itself could
 * neither go on with half a file nor tell its size before.
 */
export const PYTHON_PROGRAM = String.raw`
import hashlib, json, os, re, sys, zipfile

PARENT = os.getppid()
CHUNK = 1 << 20
TRIES = 5


class Failure(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def say(**event):
    print(json.dumps(event), flush=True)


class Progress:
    def __init__(self, total):
        self.total, self.done, self.told = total, 0, 0

    def add(self, size):
        # Whoever started this was killed: another installation may already be at work.
        if os.getppid() != PARENT:
            raise SystemExit(1)
        self.done += size
        if self.done - self.told >= CHUNK * 4 or self.done == self.total:
            self.told = self.done
            say(done=self.done, total=self.total)


def facts(_request):
    """What this Python has, found without importing any of it."""
    from importlib.util import find_spec

    def folder(name):
        try:
            spec = find_spec(name)
        except (ImportError, ValueError):
            return None
        places = list(spec.submodule_search_locations or []) if spec else []
        return places[0] if places else None

    tensorflow = folder("tensorflow")
    cuda = False
    if tensorflow:
        try:
            with open(os.path.join(tensorflow, "python/platform/build_info.py")) as file:
                cuda = re.search(r"'is_cuda_build'\W+True", file.read()) is not None
        except OSError:
            pass
    return {
        "executable": sys.executable,
        "version": "%d.%d.%d" % sys.version_info[:3],
        "pip": folder("pip") is not None,
        "tensorflow": tensorflow,
        "cuda": cuda,
        "nvidia": folder("nvidia"),
    }


class Pip:
    def __init__(self, flags):
        from pip._internal.cli.cmdoptions import make_target_python
        from pip._internal.commands import create_command

        self.command = create_command("download")
        fixed = ["--no-cache-dir", "--only-binary=:all:", "--no-deps", "--dest=.", "--retries=2"]
        self.options, _ = self.command.parse_args([*fixed, *flags, "x"])
        self.target = make_target_python(self.options)

    def __enter__(self):
        self.context = self.command.main_context()
        self.context.__enter__()
        self.session = self.command.get_default_session(self.options)
        self.finder = self.command._build_package_finder(
            options=self.options, session=self.session, target_python=self.target
        )
        return self

    def __exit__(self, *exception):
        return self.context.__exit__(*exception)

    def get(self, url, **options):
        from pip._vendor.requests.exceptions import RequestException

        try:
            return self.session.get(url, **options)
        except (RequestException, OSError) as error:
            raise Failure("no-network", "%s: %s" % (url, error))

    def find(self, text):
        from pip._vendor.packaging.requirements import Requirement

        requirement = Requirement(text)
        found = self.finder.find_best_candidate(
            requirement.name, specifier=requirement.specifier
        ).best_candidate
        if found is None:
            self.explain(requirement.name)
            raise Failure("unsupported", "No wheel of %s is for this platform." % text)
        link = found.link
        return {
            "name": requirement.name,
            "version": str(found.version),
            "file": link.filename,
            "url": link.url_without_fragment,
            "algorithm": link.hash_name,
            "hash": link.hash,
            "bytes": self.size(link.url_without_fragment),
        }

    def explain(self, name):
        """Raises when the index, not the platform, is why nothing was found."""
        for index in self.finder.index_urls:
            response = self.get(index.rstrip("/") + "/" + name.lower().replace("_", "-") + "/")
            if response.status_code < 400:
                return
        raise Failure("no-network", "%s is not in %s." % (name, ", ".join(self.finder.index_urls)))

    def size(self, url):
        if url.startswith("file:"):
            from pip._internal.utils.urls import url_to_path

            return os.path.getsize(url_to_path(url))
        headers = {"Accept-Encoding": "identity", "Range": "bytes=0-0"}
        response = self.get(url, headers=headers, stream=True)
        response.close()
        whole = response.headers.get("Content-Range", "").rpartition("/")[2]
        return int(whole if whole.isdigit() else response.headers.get("Content-Length", 0))

    def extras(self, wheel, extra):
        """The requirements of an extra, where the index serves the metadata apart."""
        response = self.get(wheel["url"] + ".metadata")
        if response.status_code >= 400:
            return None
        pattern = r'^Requires-Dist: ([^;]+?) *; *extra *== *["\']%s["\']' % re.escape(extra)
        return re.findall(pattern, response.text, re.MULTILINE)


def find(request):
    wheels = []
    with Pip(request["flags"]) as pip:
        wheels.append(pip.find(request["requirement"]))
        if request.get("extra"):
            for text in pip.extras(wheels[0], request["extra"]) or request["otherwise"]:
                wheels.append(pip.find(text))
    return wheels


def is_whole(path, wheel):
    """Whether the file has the checksum of the registry; true where that gives none."""
    if not wheel["hash"]:
        return zipfile.is_zipfile(path)
    digest = hashlib.new(wheel["algorithm"])
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest() == wheel["hash"]


def fetch(request):
    wheels, folder = request["wheels"], request["folder"]
    progress = Progress(sum(wheel["bytes"] for wheel in wheels))
    with Pip(request["flags"]) as pip:
        for wheel in wheels:
            path = os.path.join(folder, wheel["file"])
            if os.path.isfile(path):
                if is_whole(path, wheel):
                    progress.add(wheel["bytes"])
                    continue
                os.remove(path)
            fetch_one(pip, wheel, path, progress)
    return True


def fetch_one(pip, wheel, path, progress):
    part = path + ".part"
    before = progress.done
    for last in (False, True):
        failures = 0
        while True:
            progress.done = before
            had = os.path.getsize(part) if os.path.exists(part) else 0
            try:
                receive(pip, wheel, part, had, progress)
                break
            except Failure:
                failures += 1
                now = os.path.getsize(part) if os.path.exists(part) else 0
                if failures >= TRIES or now <= had:
                    raise
        if is_whole(part, wheel):
            os.replace(part, path)
            return
        os.remove(part)
        if last:
            raise Failure("corrupt", "%s has not the checksum of the registry." % wheel["file"])


def receive(pip, wheel, part, had, progress):
    """Appends what is missing of the file."""
    from pip._vendor.requests.exceptions import RequestException

    if had >= wheel["bytes"] > 0:
        return
    headers = {"Accept-Encoding": "identity"}
    if had:
        headers["Range"] = "bytes=%d-" % had
    response = pip.get(wheel["url"], headers=headers, stream=True)
    if response.status_code >= 400:
        raise Failure("no-network", "%s: HTTP %d" % (wheel["url"], response.status_code))
    goes_on = response.status_code == 206
    if goes_on:
        progress.add(had)
    size = had if goes_on else 0
    try:
        with open(part, "ab" if goes_on else "wb") as file:
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
                file.flush()
                size += len(chunk)
                progress.add(len(chunk))
    except RequestException as error:
        raise Failure("no-network", "%s: %s" % (wheel["url"], error))
    finally:
        response.close()
    if size < wheel["bytes"]:
        raise Failure("no-network", "%s: the connection ended early" % wheel["url"])


def unpack(request):
    """Takes the files whose names begin with one of the prefixes out of wheels."""
    chosen = []
    for path in request["files"]:
        archive = zipfile.ZipFile(path)
        for info in archive.infolist():
            if ".." in info.filename.split("/") or info.filename.endswith("/"):
                continue
            if any(info.filename.startswith(prefix) for prefix in request["prefixes"]):
                chosen.append((archive, info))
    progress = Progress(sum(info.file_size for _, info in chosen))
    for archive, info in chosen:
        target = os.path.join(request["folder"], *info.filename.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(info) as source, open(target, "wb") as file:
            for chunk in iter(lambda: source.read(CHUNK), b""):
                file.write(chunk)
                progress.add(len(chunk))
    return [info.filename for _, info in chosen]


def main():
    request = json.loads(sys.argv[1])
    work = {"facts": facts, "find": find, "fetch": fetch, "unpack": unpack}[request["do"]]
    try:
        say(result=work(request))
    except Failure as error:
        say(error=error.code, text=str(error))
    except (zipfile.BadZipFile, EOFError) as error:
        say(error="corrupt", text="A downloaded wheel cannot be unpacked: %s." % error)
    except OSError as error:
        full = error.errno in (28, 122)
        say(error="no-space" if full else "failed", text="%s" % error)


main()
`;
