-- Articles that hold all the words, with or without their marks, those with the marks as typed first, then the newest: words ("…" is a phrase)
WITH RECURSIVE
letters(marked, plain) AS (SELECT -- each marked letter and what is written for it; the last eight are marks alone, and go
  'àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ' ||
  'ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ' || char(768, 769, 770, 771, 774, 777, 795, 803),
  'aaaaaaaaaaaaaaaaadeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyy' ||
  'aaaaaaaaaaaaaaaaadeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyy'
),
folded(step, words) AS (
  SELECT 1, :words
  UNION ALL
  SELECT step + 1, replace(words, substr(marked, step, 1), substr(plain, step, 1)) FROM folded, letters
  WHERE step <= length(marked)
),
bare AS (SELECT words FROM folded ORDER BY step DESC LIMIT 1)
SELECT a.article_id, a.portal, a.title, a.published_on, a.status, a.url
FROM article_search s JOIN articles a ON a.article_id = s.rowid
WHERE article_search MATCH '{title lead body byline} : ("" ' || escape_fts((SELECT words FROM bare)) || ')' -- escape_fts is Datasette's: no text is an error
  AND a.status <> 'moved'
ORDER BY a.article_id IN (
    SELECT rowid FROM article_search, bare -- without marks all are alike
    WHERE article_search MATCH CASE WHEN bare.words = :words THEN '' ELSE 'exact : ' END || '("" ' || escape_fts(:words) || ')'
  ) DESC,
  CASE -- a date that had not come counts as the day when the article was first seen
    WHEN a.published_on > date(a.captured_at, '+7 hours', '+1 day') THEN date(a.first_seen_at, '+7 hours') ELSE a.published_on
  END DESC, a.article_id DESC
LIMIT 100
