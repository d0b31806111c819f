#!/usr/bin/env python3
"""Takes the C++ out of a page, so that ctest compiles and runs what readers copy.

    extract.py PAGES... OUTPUT.cpp    writes one program of all the snippets of the pages. It takes
                                      the number of a program; what that must print is written
                                      beside it, and the number of programs is printed.
    extract.py --python PAGE          runs the Python programs of a page, and compares what they
                                      print (needs PyTorch)
    extract.py --same PAGE OTHER      compares the fenced blocks of a page and of its translation

In a page of Markdown a snippet is a fenced block of the language cpp:

- one with a `main` is a program. The next block without a language is what it prints; so does the
  block of Python between them, if there is one.
- one with a BRASA_MODULE outside of a program is declarations.
- any other is the body of a function, which is compiled but not run. It sees the last program, and
  the declarations after it. What it takes as given stands before it in a comment, which readers do
  not see: <!-- given: TinyModel model; -->

In a header a snippet is an indented block of a docstring. It is the body of a function, is run, and
sees what given.hpp has.
"""

import os
import re
import subprocess
import sys
import tempfile


class Snippet:
    def __init__(self, kind, line, code, given=""):
        self.kind, self.line, self.code, self.given = kind, line, code, given
        self.python = self.output = None


def snippets_of_page(lines):
    found, given, block = [], "", None
    for number, line in enumerate(lines, 1):
        fence = re.match(r"```(\w*)\s*$", line)
        if block is not None:
            if fence:
                language, start, text = block
                block = None
                code = "".join(text)
                if language == "cpp":
                    kind = ("program" if re.search(r"^int main\(", code, re.M) else
                            "declarations" if "BRASA_MODULE" in code else "fragment")
                    found.append(Snippet(kind, start, code, given))
                    given = ""
                elif language == "python" and found and found[-1].output is None:
                    found[-1].python = code
                elif language == "" and found and found[-1].kind == "program":
                    if found[-1].output is None:
                        found[-1].output = code
            else:
                block[2].append(line)
        elif fence:
            block = (fence[1], number + 1, [])
        else:
            comment = re.match(r"<!-- given: (.*) -->$", line)
            if comment:
                given = comment[1] + "\n"
    return found


def snippets_of_header(lines):
    found, text = [], []
    for number, line in enumerate(lines + [""], 1):
        if line.startswith("///     "):
            text.append(line[len("///     "):])
        elif text and line.rstrip() == "///" and lines[number].startswith("///     "):
            text.append("\n")
        elif text:
            found.append(Snippet("example", number - len(text), "".join(text)))
            text = []
    return found


def snippets_of(page):
    with open(page, encoding="utf-8") as file:
        lines = file.readlines()
    return snippets_of_page(lines) if page.endswith(".md") else snippets_of_header(lines)


def translation_unit(pages):
    includes, body, runs, expected = {}, [], [], []
    for page in pages:
        visible = []  # namespaces that a fragment sees
        for number, snippet in enumerate(snippets_of(page)):
            code = []
            for line in snippet.code.splitlines():
                if line.startswith("#include"):
                    includes[line] = None
                    line = ""
                code.append(line)
            name = f"snippet_{len(body)}"
            code = "\n".join(code)
            if snippet.kind == "program":
                visible = [name]
                code = re.sub(r"^int main\(\)", "void run()", code, flags=re.M)
                if snippet.output is not None:
                    runs.append(name)
                    expected.append(snippet.output)
            elif snippet.kind == "declarations":
                visible.append(name)
            else:
                code = f"void run() {{\n{snippet.given}#line {snippet.line} \"{page}\"\n{code}\n}}"
                if snippet.kind == "example":
                    runs.append(name)
            seen = "".join(f"using namespace {other};\n" for other in visible if other != name)
            if snippet.kind == "example":
                seen = "using namespace given;\n"
            body.append(f"namespace {name} {{\n{seen}#line {snippet.line} \"{page}\"\n{code}\n}}\n")
    return includes, body, runs, expected


def write_program(pages, output):
    includes, body, runs, expected = translation_unit(pages)
    calls = "".join(f"      case {i}: {name}::run(); return 0;\n" for i, name in enumerate(runs))
    if not expected:  # examples: all are run, one after the other
        main = "int main() {\n" + "".join(f"  {name}::run();\n" for name in runs) + "}\n"
    else:
        main = ("int main(int count, char** arguments) {\n"
                "  switch (count == 2 ? std::atoi(arguments[1]) : -1) {\n" + calls + "  }\n" +
                f"  std::fputs(\"usage: the number of a program, 0 to {len(runs) - 1}\\n\", stderr);\n"
                "  return 2;\n}\n")
    # A snippet may name what it does not use.
    text = ("\n".join(includes) +
            "\n#include <cstdio>\n#include <cstdlib>\n#include \"snippets/given.hpp\"\n" +
            "#pragma GCC diagnostic ignored \"-Wunused-variable\"\n" + "\n".join(body) + main)
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    for i, lines in enumerate(expected):
        with open(f"{os.path.splitext(output)[0]}_{i}.txt", "w", encoding="utf-8") as file:
            file.write(lines)
    print(len(expected))


def run_python(page):
    failed = compared = 0
    for snippet in snippets_of(page):
        if snippet.python is None or snippet.output is None:
            continue
        compared += 1
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run([sys.executable, "-c", snippet.python], cwd=folder, check=True,
                                    stdout=subprocess.PIPE, text=True).stdout
        if result != snippet.output:
            failed += 1
            print(f"{page}:{snippet.line}: Python prints\n{result}and the page says\n{snippet.output}")
    print(f"{compared} compared, {failed} differ")
    return failed > 0 or compared == 0


def same_blocks(page, other):
    blocks = []
    for name in (page, other):
        with open(name, encoding="utf-8") as file:
            blocks.append(re.findall(r"^```.*?^```$", file.read(), re.M | re.S))
    for ours, theirs in zip(*blocks):
        if ours != theirs:
            print(f"{page} has\n{ours}\nand {other} has\n{theirs}")
    return blocks[0] != blocks[1] or not blocks[0]


if __name__ == "__main__":
    if sys.argv[1] == "--same":
        sys.exit(same_blocks(sys.argv[2], sys.argv[3]))
    if sys.argv[1] == "--python":
        sys.exit(run_python(sys.argv[2]))
    write_program(sys.argv[1:-1], sys.argv[-1])
