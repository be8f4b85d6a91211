-- Written by scripts/template out of the migrations beside it; change those.
-- Revision: 0023
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE "stored_articles" (
	article_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	portal TEXT NOT NULL, 
	url TEXT NOT NULL, 
	address_key TEXT NOT NULL, 
	first_seen_at VARCHAR(27) NOT NULL, 
	status TEXT NOT NULL, 
	delisted BOOLEAN NOT NULL, 
	version_id INTEGER, 
	identity_digest TEXT, 
	moved_into INTEGER, 
	checked_by TEXT, published_on DATE, watched BOOLEAN DEFAULT 1 NOT NULL, page_digest TEXT, 
	CONSTRAINT fk_articles_moved_into_articles FOREIGN KEY(moved_into) REFERENCES "stored_articles" (article_id), 
	CONSTRAINT uq_articles_portal_address_key UNIQUE (portal, address_key)
);
CREATE TABLE bookmarks (
	reader TEXT NOT NULL, 
	change_id INTEGER NOT NULL, 
	marked_at VARCHAR(27) NOT NULL, notice_id INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_bookmarks PRIMARY KEY (reader)
);
CREATE TABLE "stored_runs" (
	run_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	portal TEXT NOT NULL, 
	started_at VARCHAR(27) NOT NULL, 
	finished_at VARCHAR(27), 
	state TEXT NOT NULL, 
	first_crawl BOOLEAN NOT NULL, 
	sweep BOOLEAN NOT NULL, 
	problems JSON NOT NULL
, cause TEXT DEFAULT 'crawl' NOT NULL);
CREATE TABLE absences (
	article_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	first_at VARCHAR(27) NOT NULL, 
	last_at VARCHAR(27) NOT NULL, 
	visits INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	CONSTRAINT pk_absences PRIMARY KEY (article_id), 
	CONSTRAINT fk_absences_article_id_articles FOREIGN KEY(article_id) REFERENCES "stored_articles" (article_id), 
	CONSTRAINT fk_absences_run_id_runs FOREIGN KEY(run_id) REFERENCES "stored_runs" (run_id)
);
CREATE TABLE addresses (
	address_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	portal TEXT NOT NULL, 
	address_key TEXT NOT NULL, 
	url TEXT NOT NULL, 
	role TEXT NOT NULL, 
	article_id INTEGER, 
	moved_from INTEGER, 
	hops INTEGER NOT NULL, 
	listing TEXT, 
	page INTEGER, 
	discovered_at VARCHAR(27) NOT NULL, 
	baseline BOOLEAN NOT NULL, 
	pending BOOLEAN NOT NULL, 
	last_fetched_at VARCHAR(27), 
	failures INTEGER NOT NULL, 
	etag TEXT, 
	last_modified TEXT, found_in TEXT, published_raw TEXT, imported BOOLEAN DEFAULT 0 NOT NULL, published_in TEXT, 
	CONSTRAINT fk_addresses_article_id_articles FOREIGN KEY(article_id) REFERENCES "stored_articles" (article_id), 
	CONSTRAINT fk_addresses_moved_from_articles FOREIGN KEY(moved_from) REFERENCES "stored_articles" (article_id), 
	CONSTRAINT uq_addresses_portal_address_key UNIQUE (portal, address_key)
);
CREATE TABLE captures (
	capture_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run_id INTEGER NOT NULL, 
	portal TEXT NOT NULL, 
	url TEXT NOT NULL, 
	address_key TEXT NOT NULL, 
	role TEXT NOT NULL, 
	fetched_at VARCHAR(27) NOT NULL, 
	status INTEGER NOT NULL, 
	content_type TEXT, 
	payload_digest TEXT NOT NULL, 
	payload_bytes INTEGER NOT NULL, 
	revisit_of INTEGER, 
	warc_file TEXT NOT NULL, 
	warc_offset INTEGER NOT NULL, 
	warc_length INTEGER NOT NULL, 
	warc_record_id TEXT NOT NULL, 
	CONSTRAINT fk_captures_revisit_of_captures FOREIGN KEY(revisit_of) REFERENCES captures (capture_id), 
	CONSTRAINT fk_captures_run_id_runs FOREIGN KEY(run_id) REFERENCES "stored_runs" (run_id)
);
CREATE TABLE listing_pages (
	run_id INTEGER NOT NULL, 
	address_key TEXT NOT NULL, 
	listing TEXT NOT NULL, 
	page INTEGER NOT NULL, 
	entries INTEGER NOT NULL, 
	unknown INTEGER NOT NULL, 
	next_key TEXT, fresh INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_listing_pages PRIMARY KEY (run_id, address_key), 
	CONSTRAINT fk_listing_pages_run_id_runs FOREIGN KEY(run_id) REFERENCES "stored_runs" (run_id)
);
CREATE TABLE sightings (
	portal TEXT NOT NULL, 
	listing TEXT NOT NULL, 
	address_key TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	CONSTRAINT pk_sightings PRIMARY KEY (portal, listing, address_key), 
	CONSTRAINT fk_sightings_run_id_runs FOREIGN KEY(run_id) REFERENCES "stored_runs" (run_id)
);
CREATE TABLE outcomes (
	run_id INTEGER NOT NULL, 
	address_key TEXT NOT NULL, 
	url TEXT NOT NULL, 
	role TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	absence TEXT, 
	detail TEXT, 
	read_as TEXT, 
	capture_id INTEGER, 
	article_id INTEGER, 
	recorded_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_outcomes PRIMARY KEY (run_id, address_key), 
	CONSTRAINT fk_outcomes_article_id_articles FOREIGN KEY(article_id) REFERENCES "stored_articles" (article_id), 
	CONSTRAINT fk_outcomes_capture_id_captures FOREIGN KEY(capture_id) REFERENCES captures (capture_id), 
	CONSTRAINT fk_outcomes_run_id_runs FOREIGN KEY(run_id) REFERENCES "stored_runs" (run_id)
);
CREATE TABLE "stored_versions" (
	version_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	article_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	capture_id INTEGER NOT NULL, 
	captured_at VARCHAR(27) NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	cause TEXT NOT NULL, 
	rules_fingerprint TEXT NOT NULL, 
	parser_version TEXT NOT NULL, 
	content_digest TEXT NOT NULL, 
	url TEXT NOT NULL, 
	platform TEXT, 
	extractor TEXT NOT NULL, 
	published_at VARCHAR(27), 
	published_on DATE, 
	published_precision TEXT, 
	published_raw TEXT, 
	byline TEXT, 
	section TEXT, 
	title TEXT NOT NULL, 
	lead TEXT, 
	body TEXT NOT NULL, 
	attachments JSON NOT NULL, 
	images JSON NOT NULL, 
	language TEXT, 
	warnings JSON NOT NULL, 
	CONSTRAINT fk_versions_article_id_articles FOREIGN KEY(article_id) REFERENCES "stored_articles" (article_id), 
	CONSTRAINT fk_versions_capture_id_captures FOREIGN KEY(capture_id) REFERENCES captures (capture_id), 
	CONSTRAINT uq_versions_article_id_number UNIQUE (article_id, number)
);
CREATE TABLE "stored_changes" (
	change_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind TEXT NOT NULL, 
	portal TEXT NOT NULL, 
	article_id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	title TEXT NOT NULL, 
	section TEXT, 
	detected_at VARCHAR(27) NOT NULL, 
	fetched_at VARCHAR(27) NOT NULL, 
	version_id INTEGER, 
	previous_version_id INTEGER, 
	weight TEXT NOT NULL, 
	fields JSON NOT NULL, 
	gone_kind TEXT, 
	confirmations INTEGER, 
	moved_to TEXT, 
	first_crawl BOOLEAN NOT NULL, cause TEXT DEFAULT 'crawl' NOT NULL, flapping TEXT, 
	CONSTRAINT fk_changes_article_id_articles FOREIGN KEY(article_id) REFERENCES "stored_articles" (article_id), 
	CONSTRAINT fk_changes_previous_version_id_versions FOREIGN KEY(previous_version_id) REFERENCES "stored_versions" (version_id), 
	CONSTRAINT fk_changes_run_id_runs FOREIGN KEY(run_id) REFERENCES "stored_runs" (run_id), 
	CONSTRAINT fk_changes_version_id_versions FOREIGN KEY(version_id) REFERENCES "stored_versions" (version_id)
);
CREATE TABLE "stored_related" (
	version_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	title TEXT, 
	url TEXT, 
	published_on DATE, 
	published_raw TEXT, 
	CONSTRAINT pk_related PRIMARY KEY (version_id, position), 
	CONSTRAINT fk_related_version_id_versions FOREIGN KEY(version_id) REFERENCES "stored_versions" (version_id)
);
CREATE TABLE forms (
	portal TEXT NOT NULL, 
	address_key TEXT NOT NULL, 
	url TEXT NOT NULL, 
	body BLOB NOT NULL, 
	kept_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_forms PRIMARY KEY (portal, address_key)
);
CREATE VIRTUAL TABLE article_search USING fts5(title, lead, body, byline, exact, tokenize = 'unicode61 remove_diacritics 0');
CREATE TABLE seals (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	portal TEXT NOT NULL, 
	run_id INTEGER, 
	manifest TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	previous TEXT, 
	through_version_id INTEGER NOT NULL, 
	sealed_at VARCHAR(27) NOT NULL, 
	CONSTRAINT fk_seals_run_id_runs FOREIGN KEY(run_id) REFERENCES "stored_runs" (run_id), 
	CONSTRAINT uq_seals_run_id UNIQUE (run_id)
);
CREATE TABLE reparses (
	portal TEXT NOT NULL, 
	rules_fingerprint TEXT NOT NULL, 
	parser_version TEXT NOT NULL, 
	started_at VARCHAR(27) NOT NULL, 
	finished_at VARCHAR(27), 
	articles_through INTEGER NOT NULL, 
	addresses_through INTEGER NOT NULL, 
	counts JSON NOT NULL, 
	CONSTRAINT pk_reparses PRIMARY KEY (portal)
);
CREATE TABLE letters (
	letter_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	message_id TEXT NOT NULL, 
	subscription TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	part INTEGER NOT NULL, 
	parts INTEGER NOT NULL, 
	composed_at VARCHAR(27) NOT NULL, 
	state TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	retry_at VARCHAR(27), 
	sent_at VARCHAR(27), 
	error TEXT, 
	CONSTRAINT uq_letters_message_id UNIQUE (message_id)
);
CREATE TABLE outbox (
	change_id INTEGER NOT NULL, 
	subscription TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	queued_at VARCHAR(27) NOT NULL, 
	letter_id INTEGER, 
	CONSTRAINT pk_outbox PRIMARY KEY (change_id, subscription, channel), 
	CONSTRAINT fk_outbox_change_id_stored_changes FOREIGN KEY(change_id) REFERENCES stored_changes (change_id), 
	CONSTRAINT fk_outbox_letter_id_letters FOREIGN KEY(letter_id) REFERENCES letters (letter_id)
);
CREATE TABLE portals (
	portal TEXT NOT NULL, 
	name TEXT NOT NULL, 
	province TEXT, 
	province_now TEXT, 
	retired_on DATE, 
	successor TEXT, 
	recorded_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_portals PRIMARY KEY (portal)
);
CREATE TABLE stored_stories (
	story_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	first_article_id INTEGER NOT NULL, 
	evidence TEXT NOT NULL, 
	merged_into INTEGER, 
	CONSTRAINT fk_stories_first_article_id_articles FOREIGN KEY(first_article_id) REFERENCES stored_articles (article_id), 
	CONSTRAINT fk_stories_merged_into_stories FOREIGN KEY(merged_into) REFERENCES stored_stories (story_id)
);
CREATE TABLE story_members (
	article_id INTEGER NOT NULL, 
	story_id INTEGER NOT NULL, 
	published_on DATE, 
	published_at VARCHAR(27), 
	captured_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_story_members PRIMARY KEY (article_id), 
	CONSTRAINT fk_story_members_article_id_articles FOREIGN KEY(article_id) REFERENCES stored_articles (article_id), 
	CONSTRAINT fk_story_members_story_id_stories FOREIGN KEY(story_id) REFERENCES stored_stories (story_id)
);
CREATE TABLE story_bands (
	band BIGINT NOT NULL, 
	day DATE NOT NULL, 
	article_id INTEGER NOT NULL, 
	CONSTRAINT pk_story_bands PRIMARY KEY (band, day, article_id), 
	CONSTRAINT fk_story_bands_article_id_articles FOREIGN KEY(article_id) REFERENCES stored_articles (article_id)
)
 WITHOUT ROWID

;
CREATE TABLE files (
	portal TEXT NOT NULL, 
	address_key TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	size_bytes INTEGER NOT NULL, 
	content_length TEXT, 
	capture_id INTEGER, 
	candidate TEXT, 
	missing_since VARCHAR(27), 
	missing_visits INTEGER NOT NULL, 
	told_missing BOOLEAN NOT NULL, 
	CONSTRAINT pk_files PRIMARY KEY (portal, address_key), 
	CONSTRAINT fk_files_capture_id_captures FOREIGN KEY(capture_id) REFERENCES captures (capture_id)
);
CREATE TABLE file_links (
	article_id INTEGER NOT NULL, 
	address_key TEXT NOT NULL, 
	title TEXT, 
	url TEXT NOT NULL, 
	CONSTRAINT pk_file_links PRIMARY KEY (article_id, address_key), 
	CONSTRAINT fk_file_links_article_id_stored_articles FOREIGN KEY(article_id) REFERENCES stored_articles (article_id)
);
CREATE TABLE imports (
	run_id INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	facts JSON, 
	CONSTRAINT pk_imports PRIMARY KEY (run_id), 
	CONSTRAINT fk_imports_run_id_runs FOREIGN KEY(run_id) REFERENCES stored_runs (run_id)
);
CREATE TABLE origins (
	capture_id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	record TEXT NOT NULL, 
	kind TEXT, 
	absence TEXT, 
	detail TEXT, 
	article_id INTEGER, 
	CONSTRAINT pk_origins PRIMARY KEY (capture_id), 
	CONSTRAINT fk_origins_article_id_articles FOREIGN KEY(article_id) REFERENCES stored_articles (article_id), 
	CONSTRAINT fk_origins_capture_id_captures FOREIGN KEY(capture_id) REFERENCES captures (capture_id), 
	CONSTRAINT fk_origins_run_id_runs FOREIGN KEY(run_id) REFERENCES stored_runs (run_id)
);
CREATE TABLE wayback_queries (
	query_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	url TEXT NOT NULL, 
	since VARCHAR(27) NOT NULL, 
	until VARCHAR(27) NOT NULL, 
	asked_at VARCHAR(27) NOT NULL, 
	listed_at VARCHAR(27), 
	CONSTRAINT uq_wayback_queries_url_since_until UNIQUE (url, since, until)
);
CREATE TABLE mementos (
	url TEXT NOT NULL, 
	captured_at VARCHAR(27) NOT NULL, 
	portal TEXT NOT NULL, 
	query_id INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	state TEXT NOT NULL, 
	detail TEXT, 
	CONSTRAINT pk_mementos PRIMARY KEY (url, captured_at), 
	CONSTRAINT fk_mementos_query_id_wayback_queries FOREIGN KEY(query_id) REFERENCES wayback_queries (query_id)
);
CREATE TABLE measures (
	run_id INTEGER NOT NULL, 
	visited INTEGER NOT NULL, 
	read INTEGER NOT NULL, 
	pages INTEGER NOT NULL, 
	fields JSON NOT NULL, 
	CONSTRAINT pk_measures PRIMARY KEY (run_id), 
	CONSTRAINT fk_measures_run_id_runs FOREIGN KEY(run_id) REFERENCES stored_runs (run_id)
);
CREATE TABLE troubles (
	trouble_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	portal TEXT NOT NULL, 
	code TEXT NOT NULL, 
	what TEXT NOT NULL, 
	count INTEGER NOT NULL, 
	"of" INTEGER NOT NULL, 
	usual INTEGER, 
	began_at VARCHAR(27) NOT NULL, 
	began_run INTEGER NOT NULL, 
	ended_at VARCHAR(27), 
	ended_run INTEGER, 
	CONSTRAINT fk_troubles_began_run_runs FOREIGN KEY(began_run) REFERENCES stored_runs (run_id), 
	CONSTRAINT fk_troubles_ended_run_runs FOREIGN KEY(ended_run) REFERENCES stored_runs (run_id)
);
CREATE TABLE conditions (
	portal TEXT NOT NULL, 
	state TEXT NOT NULL, 
	since VARCHAR(27) NOT NULL, 
	seen TEXT NOT NULL, 
	seen_since VARCHAR(27) NOT NULL, 
	seen_runs INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	CONSTRAINT pk_conditions PRIMARY KEY (portal), 
	CONSTRAINT fk_conditions_run_id_runs FOREIGN KEY(run_id) REFERENCES stored_runs (run_id)
);
CREATE TABLE notices (
	notice_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	portal TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	since VARCHAR(27) NOT NULL, 
	problems JSON NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	CONSTRAINT fk_notices_run_id_runs FOREIGN KEY(run_id) REFERENCES stored_runs (run_id), 
	CONSTRAINT uq_notices_run_id UNIQUE (run_id)
);
CREATE TABLE notice_outbox (
	notice_id INTEGER NOT NULL, 
	subscription TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	queued_at VARCHAR(27) NOT NULL, 
	letter_id INTEGER, 
	CONSTRAINT pk_notice_outbox PRIMARY KEY (notice_id, subscription, channel), 
	CONSTRAINT fk_notice_outbox_letter_id_letters FOREIGN KEY(letter_id) REFERENCES letters (letter_id), 
	CONSTRAINT fk_notice_outbox_notice_id_notices FOREIGN KEY(notice_id) REFERENCES notices (notice_id)
);
CREATE VIRTUAL TABLE article_search_titles USING fts5(title, tokenize = 'unicode61 remove_diacritics 0');
CREATE TABLE robots (
	origin TEXT NOT NULL, 
	text TEXT, 
	fetched_at VARCHAR(27) NOT NULL, 
	unchanged_since VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_robots PRIMARY KEY (origin)
);
CREATE TABLE listing_readings (
	portal TEXT NOT NULL, 
	address_key TEXT NOT NULL, 
	page_digest TEXT NOT NULL, 
	says JSON NOT NULL, 
	CONSTRAINT pk_listing_readings PRIMARY KEY (portal, address_key)
);
INSERT INTO "alembic_version" VALUES ('0023');
CREATE INDEX ix_articles_identity ON "stored_articles" (portal, identity_digest);
CREATE INDEX ix_runs_portal_state ON "stored_runs" (portal, state);
CREATE INDEX ix_addresses_article ON addresses (article_id);
CREATE INDEX ix_captures_address ON captures (portal, address_key, fetched_at);
CREATE INDEX ix_captures_digest ON captures (portal, payload_digest);
CREATE INDEX ix_captures_file ON captures (warc_file, warc_offset);
CREATE INDEX ix_outcomes_article ON outcomes (article_id);
CREATE INDEX ix_outcomes_capture ON outcomes (capture_id);
CREATE INDEX ix_versions_article_captured ON "stored_versions" (article_id, captured_at);
CREATE INDEX ix_changes_article ON "stored_changes" (article_id);
CREATE INDEX ix_changes_portal_detected ON "stored_changes" (portal, detected_at);
CREATE INDEX ix_articles_newest ON "stored_articles" (portal, published_on, article_id);
CREATE INDEX ix_seals_portal ON seals (portal);
CREATE INDEX ix_captures_run ON captures (run_id);
CREATE INDEX ix_changes_run ON "stored_changes" (run_id);
CREATE INDEX ix_letters_state ON letters (state);
CREATE INDEX ix_outbox_letter ON outbox (letter_id);
CREATE INDEX ix_story_members_story ON story_members (story_id);
CREATE INDEX ix_file_links_address ON file_links (address_key);
CREATE INDEX ix_origins_record ON origins (record);
CREATE INDEX ix_origins_run ON origins (run_id);
CREATE INDEX ix_origins_article ON origins (article_id);
CREATE INDEX ix_mementos_waiting ON mementos (query_id, state);
CREATE INDEX ix_articles_published ON stored_articles (published_on, article_id);
CREATE INDEX ix_changes_detected ON stored_changes (detected_at);
CREATE INDEX ix_troubles_portal ON troubles (portal, ended_at);
CREATE INDEX ix_notices_portal ON notices (portal);
CREATE INDEX ix_notice_outbox_letter ON notice_outbox (letter_id);
CREATE INDEX ix_addresses_waiting ON addresses (portal, (CASE WHEN role = 'listing' THEN 0 WHEN role <> 'article' THEN 1 WHEN coalesce(article_id, moved_from) IS NOT NULL THEN 2 WHEN found_in = 'sitemap' THEN 4 ELSE 3 END), address_id) WHERE pending = 1;
CREATE VIEW articles AS SELECT stored_articles.article_id AS article_id, stored_articles.portal AS portal, portals.province AS province, portals.province_now AS province_now, latest.title AS title, latest.published_on AS published_on, latest.section AS section, latest.byline AS byline, CASE WHEN (stored_articles.delisted = 1 AND stored_articles.status = 'live') THEN 'delisted' ELSE stored_articles.status END AS status, stored_articles.url AS url, replace(replace(replace(substr(latest.captured_at, 1, 19), '-', ''), ':', ''), 'T', '') || '/' || latest.url AS permalink, (SELECT count(*) AS count_1 
FROM stored_versions 
WHERE stored_versions.article_id = stored_articles.article_id) AS version_count, stored_articles.version_id AS version_id, stored_articles.first_seen_at AS first_seen_at, latest.captured_at AS captured_at, addresses.last_fetched_at AS visited_at, stored_articles.moved_into AS moved_into, story_members.story_id AS story_id, latest.published_at AS published_at, latest.published_raw AS published_raw, latest.language AS language, latest.content_digest AS content_digest, latest_capture.warc_record_id AS warc_record_id, latest.lead AS lead, latest.body AS body 
FROM stored_articles LEFT OUTER JOIN portals ON portals.portal = stored_articles.portal LEFT OUTER JOIN stored_versions AS latest ON latest.version_id = stored_articles.version_id LEFT OUTER JOIN captures AS latest_capture ON latest_capture.capture_id = latest.capture_id LEFT OUTER JOIN addresses ON addresses.portal = stored_articles.portal AND addresses.address_key = stored_articles.address_key LEFT OUTER JOIN story_members ON story_members.article_id = stored_articles.article_id;
CREATE VIEW versions AS SELECT stored_versions.version_id AS version_id, stored_versions.article_id AS article_id, stored_versions.number AS number, stored_articles.portal AS portal, portals.province AS province, portals.province_now AS province_now, stored_versions.title AS title, stored_versions.published_on AS published_on, stored_versions.section AS section, stored_versions.byline AS byline, stored_versions.captured_at AS valid_from, (SELECT later.captured_at 
FROM stored_versions AS later 
WHERE later.article_id = stored_versions.article_id AND later.number = stored_versions.number + 1) AS valid_until, stored_versions.captured_at AS captured_at, stored_versions.recorded_at AS recorded_at, stored_versions.cause AS cause, stored_versions.url AS url, replace(replace(replace(substr(stored_versions.captured_at, 1, 19), '-', ''), ':', ''), 'T', '') || '/' || stored_versions.url AS permalink, stored_versions.content_digest AS content_digest, stored_versions.capture_id AS capture_id, captures.payload_digest AS payload_digest, captures.warc_record_id AS warc_record_id, captures.warc_file AS warc_file, stored_versions.rules_fingerprint AS rules_fingerprint, stored_versions.parser_version AS parser_version, stored_versions.platform AS platform, stored_versions.extractor AS extractor, stored_versions.published_at AS published_at, stored_versions.published_precision AS published_precision, stored_versions.published_raw AS published_raw, stored_versions.language AS language, stored_versions.warnings AS warnings, stored_versions.attachments AS attachments, stored_versions.images AS images, stored_versions.lead AS lead, stored_versions.body AS body 
FROM stored_versions JOIN stored_articles ON stored_articles.article_id = stored_versions.article_id JOIN captures ON captures.capture_id = stored_versions.capture_id LEFT OUTER JOIN portals ON portals.portal = stored_articles.portal;
CREATE VIEW changes AS SELECT stored_changes.change_id AS change_id, stored_changes.kind AS kind, stored_changes.portal AS portal, portals.province AS province, portals.province_now AS province_now, stored_changes.article_id AS article_id, stored_changes.title AS title, stored_changes.section AS section, stored_changes.url AS url, stored_changes.weight AS weight, (SELECT group_concat(field, ', ') FROM (SELECT json_extract(value, '$.field') AS field FROM json_each(stored_changes.fields) GROUP BY 1 ORDER BY min(key))) AS changed, (SELECT group_concat(json_extract(value, '$.field') || ': ' || coalesce(json_extract(value, '$.old'), '') || ' → ' || coalesce(json_extract(value, '$.new'), ''), '; ') FROM json_each(stored_changes.fields)) AS summary, date(stored_changes.detected_at, '+7 hours') AS detected_on, stored_changes.detected_at AS detected_at, stored_changes.fetched_at AS fetched_at, own.number AS number, earlier.number AS previous_number, stored_changes.version_id AS version_id, stored_changes.previous_version_id AS previous_version_id, stored_changes.cause AS cause, stored_changes.gone_kind AS gone_kind, stored_changes.confirmations AS confirmations, stored_changes.moved_to AS moved_to, stored_changes.first_crawl AS first_crawl, stored_changes.flapping AS flapping, stored_changes.run_id AS run_id, stored_changes.fields AS fields 
FROM stored_changes LEFT OUTER JOIN portals ON portals.portal = stored_changes.portal LEFT OUTER JOIN stored_versions AS own ON own.version_id = stored_changes.version_id LEFT OUTER JOIN stored_versions AS earlier ON earlier.version_id = stored_changes.previous_version_id;
CREATE VIEW related AS SELECT stored_related.version_id AS version_id, stored_related.position AS position, stored_versions.article_id AS article_id, stored_articles.portal AS portal, portals.province AS province, portals.province_now AS province_now, stored_related.title AS title, stored_related.url AS url, stored_related.published_on AS published_on, stored_related.published_raw AS published_raw, stored_versions.captured_at AS captured_at 
FROM stored_related JOIN stored_versions ON stored_versions.version_id = stored_related.version_id JOIN stored_articles ON stored_articles.article_id = stored_versions.article_id LEFT OUTER JOIN portals ON portals.portal = stored_articles.portal;
CREATE VIEW runs AS SELECT stored_runs.run_id AS run_id, stored_runs.portal AS portal, portals.province AS province, portals.province_now AS province_now, stored_runs.started_at AS started_at, stored_runs.finished_at AS finished_at, stored_runs.state AS state, stored_runs.first_crawl AS first_crawl, stored_runs.cause AS cause, stored_runs.sweep AS sweep, (SELECT count(*) AS count_1 
FROM outcomes 
WHERE outcomes.run_id = stored_runs.run_id) AS visited, (SELECT count(*) AS count_2 
FROM outcomes 
WHERE outcomes.run_id = stored_runs.run_id AND outcomes.kind IN ('unreadable', 'replaced', 'not_html', 'empty', 'incomplete', 'too_big', 'parse_limits', 'decode_error', 'challenge', 'maintenance', 'http_error', 'robots', 'blocked', 'dns', 'connect', 'tls', 'timeout', 'lost', 'protocol')) AS failed, (SELECT count(*) AS count_3 
FROM captures 
WHERE captures.run_id = stored_runs.run_id) AS captured, (SELECT count(*) AS count_4 
FROM stored_changes 
WHERE stored_changes.run_id = stored_runs.run_id AND stored_changes.kind = 'new') AS new, (SELECT count(*) AS count_5 
FROM stored_changes 
WHERE stored_changes.run_id = stored_runs.run_id AND stored_changes.kind = 'edited') AS edited, (SELECT count(*) AS count_6 
FROM stored_changes 
WHERE stored_changes.run_id = stored_runs.run_id AND stored_changes.kind = 'gone') AS gone, (SELECT count(*) AS count_7 
FROM stored_changes 
WHERE stored_changes.run_id = stored_runs.run_id AND stored_changes.kind = 'restored') AS restored, (SELECT count(*) AS count_8 
FROM stored_changes 
WHERE stored_changes.run_id = stored_runs.run_id AND stored_changes.kind = 'moved') AS moved, (SELECT count(*) AS count_9 
FROM stored_changes 
WHERE stored_changes.run_id = stored_runs.run_id AND stored_changes.kind = 'delisted') AS delisted, stored_runs.problems AS problems 
FROM stored_runs LEFT OUTER JOIN portals ON portals.portal = stored_runs.portal;
CREATE VIEW stories AS SELECT stored_stories.story_id AS story_id, latest.title AS title, spread.articles AS articles, spread.portals AS portals, first.portal AS first_portal, story_members.published_on AS first_published_on, spread.last_published_on AS last_published_on, stored_stories.evidence AS evidence, story_members.published_at AS first_published_at, story_members.captured_at AS first_captured_at, first.url AS first_url, stored_stories.first_article_id AS first_article_id 
FROM stored_stories JOIN (SELECT member.story_id AS story_id, count(*) AS articles, count(DISTINCT print.portal) AS portals, max(member.published_on) AS last_published_on 
FROM story_members AS member JOIN stored_articles AS print ON print.article_id = member.article_id 
WHERE print.status != 'moved' GROUP BY member.story_id 
HAVING count(*) > 1) AS spread ON spread.story_id = stored_stories.story_id JOIN stored_articles AS first ON first.article_id = stored_stories.first_article_id JOIN stored_versions AS latest ON latest.version_id = first.version_id JOIN story_members ON story_members.article_id = stored_stories.first_article_id;
