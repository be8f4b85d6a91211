-- What an article said at the end of a day: url, day (2025-06-30)
SELECT number, title, lead, body, captured_at, content_digest, permalink
FROM versions
WHERE article_id IN (SELECT article_id FROM versions WHERE url = :url UNION SELECT article_id FROM articles WHERE url = :url)
  AND valid_from < strftime('%Y-%m-%dT%H:%M:%S', :day, '+17 hours') -- midnight in Vietnam is 17:00 UTC
  AND (valid_until IS NULL OR valid_until >= strftime('%Y-%m-%dT%H:%M:%S', :day, '+17 hours'))
