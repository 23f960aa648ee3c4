"""Exports as Notion writes them, made for tests: a zip in a zip, pages with 32 hex digits in their names, files beside them."""

# ruff: noqa: W291, W293 - Notion leaves white space at the ends of lines
from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def number(name: str) -> str:
    """The 32 hex digits of a page or table."""
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def page(title: str, ending: str = "md") -> str:
    """The name of a page's file."""
    return f"{title} {number(title)}.{ending}"


def href(path: str) -> str:
    """A path as Notion writes it into Markdown."""
    return quote(path)


def write_export(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """An export with these files."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    with zipfile.ZipFile(path, "w") as outer:
        outer.writestr(f"ExportBlock-{number('export')}-Part-1.zip", inner.getvalue())
    return path


def png(width: int = 120, height: int = 60, colour: tuple[int, int, int] = (20, 110, 60)) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))  # fmt: skip

    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")  # fmt: skip


SVG: Final = b"""<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60" onload="document.title='ran'">
<script>document.title = "ran"</script><rect width="120" height="60" fill="#2050a0"/></svg>"""

#: A page with a block of every kind that Notion writes.
EVERYTHING: Final = """# 면접 준비 노트: 모든 블록

날짜: 2024년 4월 13일
태그: 면접, 회사 조사
시리즈: 이직 일지
순서: 2

첫 문단에는 **굵게(bold)**는 물론 *기울임*, ~~취소선~~, `코드 {{ x }}`, <u>밑줄</u>, [링크](https://example.com/a_b?c=1&d=2)가 있다.
줄을 바꾼 둘째 줄. 연봉 3~5% 인상, 4~6시 면접, 가격은 $5 에서 $10 사이. 식 $E=mc^2$ 도 있다.

## 둘째 제목 \\[괄호\\]

### 셋째 제목

- 첫째
    - 안의 첫째
        - 더 안쪽
            
            목록 안의 문단
            
            ```python
            print("목록 안의 코드")
            ```
            
- 둘째

1. 하나
2. 둘
    1. 둘의 하나

- [x]  자기소개 쓰기
- [ ]  재무제표 읽기

> 인용한 말
> 

<aside>
💡 콜아웃 속의 **강조**

둘째 문단

</aside>

<details>
<summary>펼치는 **제목**</summary>

숨은 내용

- 토글 안의 목록

</details>

- 옛 토글
    
    옛 토글의 내용
    

```python
def f(x):
    return "{{ page.title }} {% raw %} {{< figure >}}"  # ```` 안쪽 울타리
```

```plain text
```
{{< 닫히지 않은
```

$$
\\int_0^1 x_1^2 \\, dx = \\frac{1}{3}
$$

| 회사 | 매출 | 메모 |
| --- | --- | --- |
| 가나전자 | 1,200억 | 첫 줄<br>둘째 줄 |
| 다라소프트 |  | a \\| b |

---

각주가 있는 문장[^1].

[^1]: 각주의 내용 *강조*

![화면 그림](FOLDER/%ED%99%94%EB%A9%B4%20%EA%B7%B8%EB%A6%BC.png)

![drawing.svg](FOLDER/drawing.svg)

[이력서.pdf](FOLDER/%EC%9D%B4%EB%A0%A5%EC%84%9C.pdf)

[https://example.com/bookmark](https://example.com/bookmark)

[다음 글](NEXT)과 [없는 글](Gone%200123456789abcdef0123456789abcdef.md) 링크.

![gone](FOLDER/gone.png)

Hello {{ site.title }} {% include x %} {{< figure src="x" >}} <script>document.title = "ran"</script> <b onclick="document.title='ran'">b</b> [x](javascript:alert(1)) {: .c} :colon | bar
"""


def everything() -> dict[str, str | bytes]:
    """Files of a small notebook whose second page has every kind of block."""
    title = "면접 준비 노트"
    folder = f"{title} {number(title)}"
    next_page = page("다음 글")
    body = EVERYTHING.replace("FOLDER", href(folder)).replace("NEXT", href(next_page))
    body = body.replace('"{{ page', '"{{ page')
    return {
        page(title): body.replace("```plain text\n```\n", "````plain text\n```\n").replace("닫히지 않은\n```", "닫히지 않은\n````"),
        f"{folder}/화면 그림.png": png(),
        f"{folder}/drawing.svg": SVG,
        f"{folder}/이력서.pdf": b"%PDF-1.4 nothing",
        next_page: f"# 다음 글\n\n날짜: 2024년 4월 20일\n태그: 면접\n시리즈: 이직 일지\n순서: 10\n\n[앞의 글]({href(page(title))})로.\n",
        page("Reading Statements"): "# Reading Statements\n\n날짜: April 1, 2024\n시리즈: 이직 일지\n순서: 1\n\nPlain English.\n",
    }  # fmt: skip


def thousand(pages: int = 1000) -> dict[str, str | bytes]:
    """Files of a notebook of so many pages, each with words, a table, code, a picture and links to its neighbours, as rows of a database."""
    files: dict[str, str | bytes] = {}
    home = f"공부 노트 {number('공부 노트')}"
    for n in range(pages):
        title = f"노트 {n:04}"
        folder = f"{home}/{title} {number(title)}"
        near = f"노트 {(n + 1) % pages:04}"
        files[f"{home}/{page(title)}"] = (
            f"# {title}\n\n날짜: 2024년 {n % 12 + 1}월 {n % 28 + 1}일\n태그: 태그{n % 7}, 공부\n순서: {pages - n}\n\n"
            + f"**굵게({n})**는 글이고 [다음]({href(page(near))})으로 간다.\n\n" * 5
            + "| 열 | 값 |\n| --- | --- |\n" + "| 가 | 나 |\n" * 10
            + "\n```python\nprint('안녕')\n```\n\n- 하나\n    - 둘\n\n"
            + f"![그림]({href(f'{title} {number(title)}/그림.png')})\n"
        )  # fmt: skip
        files[f"{folder}/그림.png"] = png(40, 20, (n % 256, n // 256, 9))
    rows = "".join(f'노트 {n:04},2024년 {n % 12 + 1}월 {n % 28 + 1}일,"태그{n % 7}, 공부",{pages - n}\r\n' for n in range(pages))  # fmt: skip
    files[f"{home}_all.csv"] = f"\ufeff이름,날짜,태그,순서\r\n{rows}"
    return files
