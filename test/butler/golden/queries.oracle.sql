-- data IDs with a condition and an order
SELECT s0.instrument c0, s2.id c1, s0.id c2, s1.band c3, s0.day_obs c4, s0.physical_filter c5, s0.id c6 FROM physical_filter s1 CROSS JOIN detector s2 CROSS JOIN visit s0 WHERE s1.instrument = s0.instrument AND s1.name = s0.physical_filter AND s2.instrument = s0.instrument AND s2.instrument = s1.instrument AND s0.id > :1 AND s0.instrument = :2 AND s1.instrument = :3 AND s2.instrument = :4 AND s0.physical_filter = :5 AND s1.name = :6 ORDER BY c6 DESC OFFSET :8 ROWS FETCH NEXT :7 ROWS ONLY;

-- patterns and arithmetic
SELECT s0.instrument c0, s0.id c1, s1.band c2, s0.day_obs c3, s0.physical_filter c4 FROM physical_filter s1 CROSS JOIN visit s0 WHERE s1.instrument = s0.instrument AND s1.name = s0.physical_filter AND s0.name LIKE :1 ESCAPE '|' AND (CAST(s0.exposure_time AS BINARY_DOUBLE) / :2) > :3 AND MOD(TRUNC(s0.id), TRUNC(:4)) = :5 AND s0.instrument = :6 AND s1.instrument = :7;

-- times
SELECT s0.instrument c0, s0.id c1, s1.band c2, s0.day_obs c3, s0.physical_filter c4 FROM physical_filter s1 CROSS JOIN visit s0 WHERE s1.instrument = s0.instrument AND s1.name = s0.physical_filter AND (s0.timespan_begin < :1 AND :2 < s0.timespan_end) AND s0.instrument = :3 AND s1.instrument = :4;

-- many data IDs of the reader
WITH given0(c0, c1) AS (SELECT c0, c1 FROM (SELECT * FROM JSON_TABLE(:1, '$[*]' COLUMNS (c0 VARCHAR2(2000 CHAR) PATH '$[0]' ERROR ON ERROR, c1 NUMBER(19) PATH '$[1]' ERROR ON ERROR))) k) SELECT s0.c0 c0, s3.id c1, s0.c1 c2, s2.band c3, s1.day_obs c4, s1.physical_filter c5 FROM given0 s0 CROSS JOIN visit s1 CROSS JOIN physical_filter s2 CROSS JOIN detector s3 WHERE s1.instrument = s0.c0 AND s1.id = s0.c1 AND s2.instrument = s0.c0 AND s2.instrument = s1.instrument AND s2.name = s1.physical_filter AND s3.instrument = s0.c0 AND s3.instrument = s1.instrument AND s3.instrument = s2.instrument;

-- datasets of a run
SELECT collection_id FROM collection_summary_dataset_type WHERE dataset_type_id = :1;
SELECT s0.instrument c0, s0.detector c1, s0.visit c2, s0.dataset_id c3 FROM (SELECT t.dataset_id, t.instrument, t.detector, t.visit FROM dataset_tags_00000001 t WHERE t.dataset_type_id = :1 AND t.collection_id IN (:2)) s0 WHERE s0.instrument = :3;

-- datasets, for each data ID the first of a chain
SELECT collection_id FROM collection_summary_dataset_type WHERE dataset_type_id = :1;
SELECT s0.instrument c0, s0.detector c1, s0.visit c2, s0.dataset_id c3, s0.run c4 FROM (SELECT * FROM (SELECT q.*, RANK() OVER (PARTITION BY q.instrument, q.detector, q.visit ORDER BY q.rank) place FROM (SELECT t.dataset_id, t.instrument, t.detector, t.visit, CASE t.collection_id WHEN :1 THEN :2 WHEN :3 THEN :4 END rank, r.name run FROM dataset_tags_00000001 t JOIN collection r ON r.collection_id = t.collection_id WHERE t.dataset_type_id = :5 AND t.collection_id IN (:6, :7)) q) p WHERE p.place = 1) s0 WHERE s0.instrument = :8;

-- calibrations valid at the time of each visit
SELECT collection_id FROM collection_summary_dataset_type WHERE dataset_type_id = :1;
SELECT DISTINCT s0.instrument c0, s0.detector c1, s0.dataset_id c2, s0.run c3 FROM (SELECT t.dataset_id, t.instrument, t.detector, t.timespan_begin timespan_begin, t.timespan_end timespan_end, r.name run FROM dataset_calibs_00000002 t JOIN dataset d ON d.id = t.dataset_id JOIN collection r ON r.collection_id = d.run_id WHERE t.dataset_type_id = :1 AND t.collection_id IN (:2)) s0 CROSS JOIN visit s1 WHERE s1.instrument = s0.instrument AND (s0.timespan_begin < s1.timespan_end AND s1.timespan_begin < s0.timespan_end) AND s0.instrument = :3 AND s1.instrument = :4;

-- a join on the sky
SELECT s0.skymap c0, s0.id c1, s0.region c2 FROM tract s0 WHERE s0.skymap = :1;
SELECT s0.instrument c0, s0.id c1, s1.band c2, s0.day_obs c3, s0.physical_filter c4, s0.region c5 FROM physical_filter s1 CROSS JOIN visit s0 WHERE s1.instrument = s0.instrument AND s1.name = s0.physical_filter AND s0.instrument = :1 AND s1.instrument = :2;

-- records with their regions and timespans
SELECT s0.instrument c0, s0.id c1, s0.instrument c2, s0.id c3, s0.day_obs c4, s0.physical_filter c5, s0.name c6, s0.seq_num c7, s0.exposure_time c8, s0.target_name c9, s0.observation_reason c10, s0.science_program c11, s0.azimuth c12, s0.zenith_angle c13, s0.region c14, s0.timespan_begin c15, s0.timespan_end c16 FROM visit s0 WHERE s0.instrument = :1;

-- a count
SELECT COUNT(*) FROM (SELECT s1.band c0, s0.instrument c1, s0.day_obs c2, s2.id c3, s0.physical_filter c4, s0.id c5 FROM physical_filter s1 CROSS JOIN detector s2 CROSS JOIN visit s0 WHERE s1.instrument = s0.instrument AND s1.name = s0.physical_filter AND s2.instrument = s0.instrument AND s2.instrument = s1.instrument AND s0.instrument = :1 AND s1.instrument = :2 AND s2.instrument = :3) counted;
