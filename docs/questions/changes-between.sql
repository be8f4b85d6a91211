-- What was new, edited or gone between two days, both included: since, until (2025-06-30)
SELECT detected_on, kind, portal, title, changed, summary, gone_kind, url
FROM changes
WHERE detected_on BETWEEN :since AND :until AND cause = 'crawl'
ORDER BY change_id
