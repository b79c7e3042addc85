-- What a review database of Scarp 0.8 held, as its own code wrote it: no role.
BEGIN TRANSACTION;
CREATE TABLE verdicts (
	id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	reviewer VARCHAR(100) NOT NULL,
	inventory VARCHAR(200) NOT NULL,
	event VARCHAR(200) NOT NULL,
	verdict VARCHAR(20) NOT NULL,
	note VARCHAR(2000) NOT NULL,
	source VARCHAR(50) NOT NULL,
	t1 VARCHAR(10) NOT NULL,
	t2 VARCHAR(10) NOT NULL,
	simulated BOOLEAN NOT NULL,
	latitude FLOAT,
	longitude FLOAT,
	event_date VARCHAR(10),
	inventory_id VARCHAR(64),
	kind VARCHAR(20),
	subject VARCHAR(200),
	composition VARCHAR(200),
	stretch VARCHAR(200),
	method TEXT,
	threshold FLOAT,
	model_sha256 VARCHAR(64),
	link TEXT,
	confidence VARCHAR(10),
	geometry TEXT,
	seconds FLOAT,
	undoes VARCHAR(64),
	uid VARCHAR(64),
	PRIMARY KEY (id)
);
INSERT INTO "verdicts" VALUES(1,'2026-11-29 18:07:18.752506','A. Expert','The built-in list','171','confirmed','clear track','demo','2022-09-17','2023-02-24',1,35.86,-121.43,'2022-12-30','0123456789abcdef','event','','true-colour','percentile:2:98','',NULL,'','?event=171','high','',4.5,'','0f3f71c157234aa48e3d796e1fa17545');
INSERT INTO "verdicts" VALUES(2,'2026-11-29 18:07:18.786731','Bo','The built-in list','171','rejected','','demo','2022-09-17','2023-02-24',1,35.86,-121.43,'2022-12-30','0123456789abcdef','event','','true-colour','percentile:2:98','',NULL,'','?event=171','','',NULL,'','0a986d4fbc7a46f4832c72ef5e7c7fc5');
INSERT INTO "verdicts" VALUES(3,'2026-11-29 18:07:18.814722','Bo','The built-in list','171','undone','','demo','2022-09-17','2023-02-24',1,35.86,-121.43,'2022-12-30','0123456789abcdef','event','','true-colour','percentile:2:98','',NULL,'','?event=171','','',NULL,'0a986d4fbc7a46f4832c72ef5e7c7fc5','346e3db4a8fd440594bc2b5a3e0fcf42');
INSERT INTO "verdicts" VALUES(4,'2026-11-29 18:07:18.838736','Bo','mine.csv','x7','bad-label','gelb, Rutschung?','demo','2022-09-17','2023-02-24',1,46.5,11.3,'2022-12-30','0123456789abcdef','polygon','p3','true-colour','percentile:2:98','',NULL,'','?event=171','','{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}',NULL,'','f7678c790e5e49bd8df031c7c514e08b');
CREATE INDEX ix_verdicts_event ON verdicts (event);
CREATE UNIQUE INDEX ix_verdicts_uid ON verdicts (uid);
COMMIT;
