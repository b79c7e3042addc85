-- What a review database of Scarp 0.9 held before its editions were numbered, as its own code wrote it.
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
	role VARCHAR(20), 
	PRIMARY KEY (id)
);
INSERT INTO "verdicts" VALUES(1,'2026-11-29 21:44:37.343667','A. Expert','built in','171','confirmed','clear track','demo','2022-09-17','2023-02-24',1,35.86,-121.43,'2022-12-30','0123456789abcdef','event','','','','',NULL,'','','','',NULL,'','d168edf4008a4a679ece88c1b95c3803','');
INSERT INTO "verdicts" VALUES(2,'2026-11-29 21:44:37.388769','Bo','built in','171','rejected','gelb, Rutschung?','demo','2022-09-17','2023-02-24',1,35.86,-121.43,'2022-12-30','0123456789abcdef','polygon','0f1e','','','band-difference:B04:0.05',0.05,'','','','{"type":"MultiPolygon","coordinates":[]}',NULL,'','29ea2899f4b54cacbf20059c35e437d0','');
INSERT INTO "verdicts" VALUES(3,'2026-11-29 21:44:37.423294','Bo','built in','171','undone','','demo','2022-09-17','2023-02-24',1,35.86,-121.43,'2022-12-30','0123456789abcdef','polygon','0f1e','','','band-difference:B04:0.05',0.05,'','','','',NULL,'29ea2899f4b54cacbf20059c35e437d0','611cdbb147b14ef6a121255fc85466fb','');
INSERT INTO "verdicts" VALUES(4,'2026-11-29 21:44:37.458828','Cy','built in','171','cloud','clear track','demo','2022-09-17','2023-02-24',1,35.86,-121.43,'2022-12-30','0123456789abcdef','event','','','','',NULL,'','?event=171','high','',4.25,'','01325caff0bf43acaca7752a4b57827a','decision');
CREATE INDEX ix_verdicts_event ON verdicts (event);
CREATE UNIQUE INDEX ix_verdicts_uid ON verdicts (uid);
COMMIT;
