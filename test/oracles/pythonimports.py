"""Prints which files of a folder of Python import which others, as the language
itself finds them: the statements as the ast module reads them, the modules as
importlib's path finder looks for them in each of the folders named, the folder of
a file that is in no package, and src. One edge a line, two paths parted by a tab.
With --owners the files are added that names are taken from through the packages
that pass them on.

Usage: pythonimports.py [--owners] FOLDER [ROOT …]
"""

import ast
import os
import sys

arguments = sys.argv[1:]
owners = "--owners" in arguments
if owners:
    arguments.remove("--owners")
base = os.path.abspath(arguments[0])
roots = [os.path.normpath(os.path.join(base, r)) for r in arguments[1:] or ["."]]
trees, found = {}, {}


def tree(path):
    """The module in a file, None when it cannot be read."""
    if path not in trees:
        try:
            with open(path, "rb") as file:
                trees[path] = ast.parse(file.read())
        except (OSError, SyntaxError, ValueError, RecursionError):
            trees[path] = None
    return trees[path]


def at(path):
    """What importlib's FileFinder takes for a path without an ending: a package, a
    file, or the folder itself for a package in a namespace."""
    if path not in found:
        found[path] = None
        for candidate in (os.path.join(path, "__init__.py"), path + ".py"):
            if os.path.isfile(candidate):
                found[path] = candidate
                break
        else:
            if os.path.isdir(path):
                found[path] = path
    return found[path]


def absolute(name, own):
    """A module by its name. A namespace counts only when no root has more."""
    folder = None
    for root in [*own, *roots]:
        hit = at(os.path.join(root, *name.split(".")))
        if hit and not os.path.isdir(hit):
            return hit
        folder = folder or hit
    return folder


def package(path):
    return os.path.isfile(os.path.join(path, "__init__.py"))


def target(path, node):
    """The file or folder that a from … import names."""
    folder = os.path.dirname(path)
    if node.level:
        for _ in range(node.level - 1):
            folder = os.path.dirname(folder)
        return at(os.path.join(folder, *node.module.split(".")) if node.module else folder)
    own = [] if package(folder) else [folder]
    return absolute(node.module, own)


def binds(node, name):
    """Whether a statement of a module gives it a name that is no import."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name == name
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return False
    return any(isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and n.id == name for n in ast.walk(node))


def statements(module):
    """The statements of a module, those in its ifs and trys included."""
    for node in module.body:
        yield node
        if isinstance(node, (ast.If, ast.Try)):
            yield from (n for n in ast.walk(node) if isinstance(n, ast.stmt))


def owner(path, name, seen):
    """The file that a name of a module comes from."""
    if not path or os.path.isdir(path) or (path, name) in seen or len(seen) > 500:
        return None
    seen.add((path, name))
    module = tree(path)
    if module is None:
        return None
    if any(binds(node, name) for node in statements(module)):
        return path
    for node in statements(module):
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name) != name and alias.name != "*":
                continue
            to = target(path, node)
            if alias.name != "*" and (sub := submodule(to, alias.name)):
                return sub
            if got := owner(to, name if alias.name == "*" else alias.name, seen):
                return got
    return None


def submodule(path, name):
    """The module of that name inside a package or a namespace."""
    if not path:
        return None
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    if not os.path.isdir(path) and os.path.basename(path) != "__init__.py":
        return None
    if not os.path.isdir(path):
        module = tree(path)
        if module and any(binds(node, name) for node in statements(module)):
            return None
    hit = at(os.path.join(folder, name))
    return hit if hit and not os.path.isdir(hit) else None


def edges(path):
    module, out = tree(path), set()
    folder = os.path.dirname(path)
    own = [] if package(folder) else [folder]
    used = {n.id for n in ast.walk(module) if isinstance(n, ast.Name)}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] not in sys.stdlib_module_names or "." in alias.name:
                    out.add(absolute(alias.name, own))
        elif isinstance(node, ast.ImportFrom):
            if not node.level and node.module in sys.stdlib_module_names:
                continue
            to = target(path, node)
            for alias in node.names:
                if sub := submodule(to, alias.name):
                    out.add(sub)
                    continue
                out.add(to)
                if owners and alias.name == "*":
                    out.update(owner(to, name, set()) for name in used)
                elif owners:
                    out.add(owner(to, alias.name, set()))
    return out


for folder, folders, files in os.walk(base):
    folders[:] = sorted(d for d in folders if d != ".git")
    for name in sorted(files):
        path = os.path.join(folder, name)
        if not name.endswith(".py") or os.path.islink(path) or tree(path) is None:
            continue
        for to in sorted(t for t in edges(path) if t and t != path and not os.path.isdir(t)):
            if to.startswith(base + os.sep):
                print(os.path.relpath(path, base), os.path.relpath(to, base), sep="\t")
