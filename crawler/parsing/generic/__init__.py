"""Pages of which no rule is known, read by how such pages are made. Import from its modules.

    article      Page → Article: all fields, or `Unreadable`
    reader       the fields, each when it is asked for; `gaps` fills with them what a platform's rules leave open
    listing      Page → Listing: entries, sections, the next page
    survey       the blocks of a page, which of them are furniture, how much each speaks for being text
    title body lead date byline section related    one field each, by the survey and `metadata`
    entries links sections    what a list of news holds, and the sections that a home page leads to
    hints names  what the names of classes and ids say
    furniture    what repeats on the pages of a portal

What it does not do: decode or parse a page, or use a selector.
"""
