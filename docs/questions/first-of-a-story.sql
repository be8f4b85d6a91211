-- Texts that stand on several portals, who had them first, and how many days later the last one followed
SELECT title, first_portal, first_published_on, evidence, portals,
  julianday(last_published_on) - julianday(first_published_on) AS days
FROM stories
WHERE portals > 1
ORDER BY portals DESC, first_published_on DESC
