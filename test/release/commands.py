"""Prints the commands of a section of a page: its blocks for bash, from top to bottom.

    commands.py PAGE HEADING
"""

import pathlib
import re
import sys


def commands(page, heading):
    text = pathlib.Path(page).read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return "".join(re.findall(r"^```bash\n(.*?)^```$", section, re.DOTALL | re.MULTILINE))


if __name__ == "__main__":
    print(commands(*sys.argv[1:3]), end="")
