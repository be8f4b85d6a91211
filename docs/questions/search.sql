-- Articles that hold all the words, with or without their marks, the newest first: words ("…" is a phrase)
SELECT a.article_id, a.portal, a.title, a.published_on, a.status, a.url
FROM article_search s JOIN articles a ON a.article_id = s.rowid
WHERE article_search MATCH '"" ' || escape_fts(:words) AND a.status <> 'moved' -- escape_fts is Datasette's: no text is an error
ORDER BY a.published_on DESC, a.article_id DESC
LIMIT 100
