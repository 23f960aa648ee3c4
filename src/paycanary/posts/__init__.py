"""Notion's pages -> files for blogs: Tistory, velog, Jekyll, Hugo, Naver. Nothing is posted."""
