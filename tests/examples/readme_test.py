#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The code in the READMEs is that of the examples' files, and the smallest example stays small.

  readme_test.py <repository>
"""
import pathlib
import re
import sys


def code_blocks(path, language):
    """The fenced blocks of a language in a Markdown file."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(), re.S | re.M)


def main():
    root = pathlib.Path(sys.argv[1])
    counter = root / "examples" / "counter"
    wrong = []
    for readme in root / "README.md", counter / "README.md":
        for name, language, lines_max in ("counter.yaml", "yaml", 12), ("counter.c", "c", 26):
            text = (counter / name).read_text()
            if text not in code_blocks(readme, language):
                wrong.append(f"{readme}: does not show {name} as it is")
            if text.count("\n") > lines_max:
                wrong.append(f"{name}: has more than {lines_max} lines")
    for readme in root / "README.md", *root.glob("examples/*/README.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", readme.read_text()):
            if "://" not in target and not (readme.parent / target).exists():
                wrong.append(f"{readme}: {target} does not exist")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
