"""Drafts of portal files for portals that nobody described, and trials of portal files on live pages.

    visits      addresses → captures, on the crawl's own polite road                    (Scrapy)
    explore     a home page or listing → a sample of the portal's articles              (asks through `visits`)
    sample      captures → pages, each read by the generic reader with what repeats
    selectors   an element → the CSS selectors that may stand for it                    (pure)
    induce      pages and what they say → the selector that says it on all of them      (pure)
    draft       a sample → the rules worth writing, each proven on the pages            (pure)
    writing     a draft → a portal file as TOML                                         (pure)
    trial       a portal and its pages → what each rule found, and how often            (pure)

Nothing is stored: a draft is text, and the archive is not touched.
"""
