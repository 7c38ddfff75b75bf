"""The guideline, as it is shown beside the work."""

from __future__ import annotations

from tests.annotation.views.at_the_page import AtThePage


class TestGuideline(AtThePage):
    def test_the_guideline_is_markdown_that_loads_and_runs_nothing(self) -> None:
        type(self.campaign).objects.update(
            guideline="**Read** [this](https://example.org/a). ![x](https://example.org/b.png)\n\n"
            "<script>alert(1)</script> [bad](javascript:alert(1))"
        )
        html = self.client.get(self.url("guideline")).content.decode()
        assert "<strong>Read</strong>" in html
        assert 'href="https://example.org/a" rel="noopener noreferrer nofollow"' in html
        assert "<img src" not in html.partition("<main")[2]
        assert "<script>alert" not in html
        assert "javascript:" not in html.partition("<main")[2].replace("(javascript:", "")
