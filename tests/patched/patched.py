"""Builds a step with a change in it, in a scratch directory: only what the change touches is
compiled, the rest is linked from what is built already.

    tree = patched.copy_step(ROOT / "step05_websocket", scratch)
    patched.replace_once(tree / "src/session.cpp", "while (true)", "while (false)")
    program = patched.build(tree, ROOT / "step05_websocket", BUILD)

The build has to be one of Ninja's (as all presets' are), and up to date.
"""

import collections
import os
import pathlib
import re
import shlex
import shutil
import subprocess

compilers_at_once = 2


class Failed(Exception):
    """The change does not fit the step, or does not compile."""


def copy_step(step, scratch):
    """Copies a step into the scratch directory, and returns where it is."""
    return pathlib.Path(shutil.copytree(step, pathlib.Path(scratch) / step.name))


def replace_once(file, old, new):
    """Replaces a text that occurs exactly once in the file."""
    text = file.read_text()
    if text.count(old) != 1:
        raise Failed(f"{file.name} has {text.count(old)} times, and not once: {old}")
    file.write_text(text.replace(old, new))


def apply_patch(tree, patch):
    """Applies a patch, made by `git diff`, whose paths begin with a step's name."""
    command = ["git", "apply", f"--directory={tree.name}", "-p2", str(patch.resolve())]
    run(command, tree.parent)


def build(tree, step, build_directory, flags=()):
    """Builds the tree, a changed copy of the step; returns the path of the program. What is compiled
    here, and the program, get these flags, too."""
    compile_lines, link_words_of_step = ninja_commands(step, build_directory)
    objects = built_objects(compile_lines, step)
    objects.update(compile_changed(tree, step, build_directory, flags))
    program = tree / step.name
    run([*link_words(link_words_of_step, objects, step, program), *flags], build_directory)
    return program


def compile_changed(tree, step, build_directory, flags=()):
    """Compiles what the change touches: the new object of each such source of the step."""
    write_strings(tree, step)
    return compile_sources(list(find_stale(tree, step)), tree, step, build_directory, flags)


def write_strings(tree, step):
    """CMake makes a string of each page and each file of Python below src/, which is included. Where
    the tree has another text, its string stands beside it, and so is found first."""
    for text in [*tree.glob("src/**/*.html"), *tree.glob("src/**/*.py")]:
        if differs(text, step / text.relative_to(tree)):
            text.with_suffix(".inc").write_text(f'R"text({text.read_text()})text"')


def compile_sources(sources, tree, step, build_directory, flags=()):
    """Compiles these sources of the tree, which are named relative to it."""
    compile_lines, _ = ninja_commands(step, build_directory)
    built = list(built_objects(compile_lines, step))
    compile_all(([*compile_words(compile_lines[built.index(source) if source in built else -1],
                                 step, tree, source), *flags] for source in sources), tree)
    return {source: str(tree / source) + ".o" for source in sources}


def compile_dependent(program, headers, tree, step, build_directory):
    """Compiles what else a program is made of, the sources of a test, where these headers of the
    tree are included: the new object of each such object of the build.
    """
    commands = []
    changed = {}
    text = run(["ninja", "-t", "commands", program], build_directory)
    for words in map(shlex.split, text.splitlines()):
        built = words[words.index("-o") + 1] if "-c" in words else ""
        if not built.endswith(".cpp.o") or source_of(built, step):
            continue
        if includes(built, [step / header for header in headers], build_directory):
            changed[built] = str(tree / built.replace("/", "_"))
            commands.append(dependent_words(words, step, changed[built]))
    compile_all(commands, tree)
    return changed


def includes(built, headers, build_directory):
    """Whether one of the headers was read for an object of the build, as Ninja has noted."""
    noted = run(["ninja", "-t", "deps", built], build_directory).splitlines()[1:]
    read = {os.path.normpath(pathlib.Path(build_directory, line.strip())) for line in noted}
    return any(str(header) in read for header in headers)


def dependent_words(like, step, out):
    """The command `like`, which compiled a test for the step, for the tree that it is run in."""
    words = [word.replace(str(step / "src"), "src") for word in like[: like.index("-MD")]]
    return [*words, "-O0", "-Wno-error", "-o", out, "-c", like[-1]]


def compile_all(commands, directory):
    """Runs the compilers, a few at a time."""
    jobs = collections.deque()
    for words in commands:
        if len(jobs) >= compilers_at_once:
            finish(jobs.popleft())
        jobs.append(subprocess.Popen(words, cwd=directory, stderr=subprocess.PIPE, text=True))
    while jobs:
        finish(jobs.popleft())


def finish(job):
    error = job.communicate()[1]
    if job.returncode != 0:
        raise Failed(error)


def built_objects(compile_lines, step):
    """The object of each source of the step, relative to it, as the build has it."""
    return {pathlib.Path(words[-1]).relative_to(step): words[words.index("-o") + 1]
            for words in compile_lines}


def ninja_commands(step, build_directory):
    """The words of the commands that compile each source of the step, and link the program."""
    target = f"{step.name}/{step.name}"
    text = run(["ninja", "-t", "commands", target], build_directory)
    lines = [shlex.split(line) for line in text.splitlines()]
    return [words for words in lines if "-c" in words], lines[-1]


def link_line(program, build_directory):
    """The words of the command that links a program of the build."""
    text = run(["ninja", "-t", "commands", program], build_directory)
    return [word for word in shlex.split(text.splitlines()[-1]) if word not in (":", "&&")]


def is_made_of(line, step):
    """Whether a program is linked from a step's library, or from some of its sources."""
    return any(source_of(word, step) or is_library(word, step) for word in line)


def with_objects(line, objects, step, dependent=None):
    """The words that link a program with these objects in place of its own; None if it has none.

    They come first: an inline function that others have as well is taken from them, and from a
    library only what is missing. `dependent` are those of compile_dependent().
    """
    own = {source_of(word, step) for word in line}
    main = pathlib.Path("src/main.cpp")
    from_library = any(is_library(word, step) for word in line)
    taken = [file for source, file in objects.items()
             if source in own or (from_library and source != main)]
    if not taken and not dependent:
        return None
    words = [(dependent or {}).get(word, word) for word in line
             if source_of(word, step) not in objects]
    first = next(at for at, word in enumerate(words) if word.endswith((".o", ".a")) or word == "-o")
    return [*words[:first], *taken, *words[first:]]


def source_of(word, step):
    """The source, relative to the step, of which an object in a link line is made."""
    found = re.search(rf"(?:^|/){step.name}/(?:CMakeFiles/[^/]+/)?(src/.*\.cpp)\.o$", word)
    return pathlib.Path(found[1]) if found else None


def is_library(word, step):
    return word.endswith(f"{step.name}_server.a")


def changed_headers(tree, step):
    """The headers in the tree, relative to it, that differ from the step's."""
    headers = (file.relative_to(tree) for file in sorted(tree.glob("src/**/*.hpp")))
    return [header for header in headers if differs(tree / header, step / header)]


def find_stale(tree, step):
    """The sources in the tree that differ from the step's, or include what does."""
    for source in sorted(tree.glob("src/**/*.cpp")):
        read = set()
        collect_includes(source, tree / "src", read)
        if any(differs(file, step / file.relative_to(tree)) for file in read):
            yield source.relative_to(tree)


def collect_includes(file, include_directory, read):
    """Adds to `read` the file and what it includes in quotes, directly or not."""
    if file in read or not file.exists():
        return
    read.add(file)
    for name in re.findall(r'^#include "(.*)"', file.read_text(), re.MULTILINE):
        for directory in file.parent, include_directory:
            collect_includes(directory / name, include_directory, read)


def differs(file, other):
    return not other.exists() or file.read_bytes() != other.read_bytes()


def compile_words(like, step, tree, source):
    """The command `like`, which compiled another state of the step, for this source here."""
    # Relative paths and no debug information: ccache finds it again in another scratch directory.
    # And no optimisation: it is built to be tested, and sooner so. A warning is not what is tested.
    words = [word.replace(str(step / "src"), "src") for word in like[: like.index("-MD")]]
    words = [word for word in words if word != "-g"]
    return [*words, "-O0", "-Wno-error", "-o", str(source) + ".o", "-c", str(source)]


def link_words(like, objects, step, program):
    """The command that links the program, with the objects in place of the step's library."""
    words = [word for word in like if word not in (":", "&&")]
    words = [word for word in words if not word.endswith((".cpp.o", f"{step.name}_server.a"))]
    at = words.index("-o")
    return [*words[:at], "-o", str(program), *objects.values(), *words[at + 2 :]]


def run(command, directory):
    """Runs a command to its end; returns what it printed."""
    # A scratch directory inside of a repository is no part of it for `git apply`.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(pathlib.Path(directory).parent)}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: {done.stderr or done.stdout}")
    return done.stdout
