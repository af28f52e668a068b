-- What the role of the service may do: read, and add records to the audit. Nothing else.
--
-- As the owner of the tables, after each `eligibility db upgrade`:
--     psql --set role=tariefwijzer --file postgresql-service-role.sql DATABASE
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, :"role";
REVOKE CREATE ON SCHEMA public FROM PUBLIC, :"role";
GRANT USAGE ON SCHEMA public TO :"role";
GRANT SELECT, INSERT ON audit_records TO :"role";
GRANT SELECT ON audit_checkpoints, alembic_version TO :"role";
