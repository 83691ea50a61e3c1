"""Pages in a real browser, and what is measured of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from playwright.async_api import Browser, Page, ViewportSize

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1100, "height": 900}
CONTRASTS = """() => {
  const channel = value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const luminance = colour => {
    const [r, g, b] = numbers(colour).map(value => channel(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (numbers(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim()) continue;
    const lights = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort((a, b) => b - a);
    found.push([(lights[0] + 0.05) / (lights[1] + 0.05), walker.currentNode.data.trim()]);
  }
  return found;
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@asynccontextmanager
async def opened(
    browser: Browser, url: str, *, size: ViewportSize = DESK, scheme: Scheme = "light"
) -> AsyncIterator[Page]:
    """Open a page; afterwards, nothing may have been complained of."""
    complaints: list[str] = []
    async with await browser.new_context(viewport=size, color_scheme=scheme) as context:
        page = await context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        reply = await page.goto(url)
        assert reply is not None
        assert reply.ok
        yield page
    assert complaints == []
