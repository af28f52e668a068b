-- What the role of the service may do: read, add records to the audit, and
-- keep who asks. Nothing else.
--
-- As the owner of the tables, after each `eligibility db upgrade`:
--     psql --set role=tariefwijzer --file postgresql-service-role.sql DATABASE
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, :"role";
REVOKE CREATE ON SCHEMA public FROM PUBLIC, :"role";
GRANT USAGE ON SCHEMA public TO :"role";
GRANT SELECT, INSERT ON audit_records TO :"role";
GRANT SELECT ON audit_checkpoints, alembic_version TO :"role";
-- Who asks: what is over goes by itself; a device is revoked, and never removed.
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO :"role";
GRANT SELECT, INSERT, DELETE ON access_tokens, used_assertions, enrolment_codes TO :"role";
GRANT SELECT, INSERT, UPDATE (revoked_at) ON devices TO :"role";
-- What whoever owns the rules looks at; what is old goes by itself.
GRANT SELECT, INSERT, DELETE ON follow_ups TO :"role";
