"""Write every generated page: `python -m boardsync.reference`."""

from boardsync.reference.pages import DOCS, PAGES


def main() -> None:
    """Write the pages and name them."""
    for name, render in PAGES.items():
        (DOCS / name).write_text(render(), encoding="utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
