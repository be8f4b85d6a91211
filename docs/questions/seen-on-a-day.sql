-- What could be seen of a province (its old name) at the end of a day, as it was: province, day (2025-06-30)
WITH moment AS (SELECT strftime('%Y-%m-%dT%H:%M:%S', :day, '+17 hours') AS ending) -- midnight in Vietnam is 17:00 UTC
SELECT v.article_id, v.portal, v.title, v.published_on, v.section, v.url, v.permalink
FROM moment, versions v JOIN articles a ON a.article_id = v.article_id
WHERE v.province = :province AND v.valid_from < ending AND (v.valid_until IS NULL OR v.valid_until >= ending)
  AND (a.status <> 'moved' OR EXISTS (
    SELECT 1 FROM changes c WHERE c.article_id = v.article_id AND c.kind = 'moved' AND c.fetched_at >= ending
  ))
  AND coalesce((
    SELECT c.kind FROM changes c
    WHERE c.article_id = v.article_id AND c.kind IN ('gone', 'restored', 'moved') AND c.fetched_at < ending
    ORDER BY c.fetched_at DESC, c.change_id DESC LIMIT 1
  ), '') <> 'gone'
ORDER BY CASE -- a date that had not come counts as the day when the article was first seen
    WHEN v.published_on > date(v.captured_at, '+7 hours', '+1 day') THEN date(a.first_seen_at, '+7 hours') ELSE v.published_on
  END DESC, v.article_id DESC
