"""The triggers that notice other writers, with the rule that only trusted ones may publish."""

WATCHED = {
    "offer": (
        "verified",
        "title summary sector products processes trl transfer_modes price_min_million_vnd price_max_million_vnd "
        "capacity_min capacity_max capacity_unit owner owner_type owner_province_code serves state valid_until",
    ),
    "event": ("published", "title summary starts_at ends_at place seats free topics programmes organiser state"),
}  # noun: (the state only trusted writers may set, the columns whose change matters)
NOW_SQLITE = "strftime('%Y-%m-%dT%H:%M:%f000Z','now')"


NEED_COLUMNS = "text fields state"  # what of a need matters to matching


def need_triggers(postgres: bool) -> list[str]:
    """CREATE TRIGGER statements that notice new, changed and dropped needs, whoever writes them."""
    if postgres:
        differs = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in NEED_COLUMNS.split())
        return [_postgres_log("need", differs), _postgres_log_trigger("need")]
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in NEED_COLUMNS.split())
    return _sqlite_log("need", differs)


def drop_need_triggers(postgres: bool) -> list[str]:
    """Undoes what `need_triggers` made."""
    if postgres:
        return ["DROP TRIGGER need_log ON need", "DROP FUNCTION need_log()"]
    return [f"DROP TRIGGER need_log_{part}" for part in ("insert", "update", "delete")]


def _sqlite_log(noun: str, differs: str) -> list[str]:
    log = "INSERT INTO change_log (noun, noun_id, op, at, attempts)"
    return [
        f"CREATE TRIGGER {noun}_log_insert AFTER INSERT ON {noun} "
        f"BEGIN {log} VALUES ('{noun}', NEW.id, 'I', {NOW_SQLITE}, 0); END",
        f"CREATE TRIGGER {noun}_log_update AFTER UPDATE ON {noun} WHEN {differs} "
        f"BEGIN {log} VALUES ('{noun}', NEW.id, 'U', {NOW_SQLITE}, 0); END",
        f"CREATE TRIGGER {noun}_log_delete AFTER DELETE ON {noun} "
        f"BEGIN {log} VALUES ('{noun}', OLD.id, 'D', {NOW_SQLITE}, 0); END",
    ]


def _postgres_log(noun: str, differs: str) -> str:
    return f"""CREATE FUNCTION {noun}_log() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NOT ({differs}) THEN
    RETURN NULL;
  END IF;
  INSERT INTO public.change_log (noun, noun_id, op, at, attempts)
  VALUES ('{noun}', CASE WHEN TG_OP = 'DELETE' THEN OLD.id::text ELSE NEW.id::text END, left(TG_OP, 1),
          clock_timestamp(), 0);
  PERFORM pg_notify('nhipcau_change', '{noun}');
  RETURN NULL;
END $$"""


def _postgres_log_trigger(noun: str) -> str:
    return (
        f"CREATE TRIGGER {noun}_log AFTER INSERT OR UPDATE OR DELETE ON {noun} "
        f"FOR EACH ROW EXECUTE FUNCTION {noun}_log()"
    )


def sqlite_triggers() -> list[str]:
    """CREATE TRIGGER statements for SQLite, where a writer signs with the column written_by."""
    made = []
    for noun, (public, columns) in WATCHED.items():
        differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns.split())
        trusted = "EXISTS (SELECT 1 FROM writer WHERE name = NEW.written_by AND may_publish)"
        made += [
            f"CREATE TRIGGER {noun}_held_insert AFTER INSERT ON {noun} "
            f"WHEN NEW.state <> 'submitted' AND NOT {trusted} "
            f"BEGIN UPDATE {noun} SET state = 'submitted' WHERE id = NEW.id; END",
            f"CREATE TRIGGER {noun}_held_update AFTER UPDATE OF state ON {noun} "
            f"WHEN NEW.state = '{public}' AND OLD.state <> '{public}' AND NOT {trusted} "
            f"BEGIN UPDATE {noun} SET state = OLD.state WHERE id = NEW.id; END",
            *_sqlite_log(noun, differs),
        ]
    return made


def postgres_triggers() -> list[str]:
    """Functions with triggers for PostgreSQL, where a writer is the database role that is logged in."""
    made = []
    for noun, (public, columns) in WATCHED.items():
        differs = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns.split())
        made += [
            f"""CREATE FUNCTION {noun}_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF session_user <> current_user THEN
    NEW.written_by := session_user;
  END IF;
  IF session_user <> current_user AND NOT EXISTS
     (SELECT 1 FROM public.writer WHERE name = session_user AND may_publish)
     AND NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = session_user AND rolsuper) THEN
    IF TG_OP = 'INSERT' THEN
      NEW.state := 'submitted';
    ELSIF NEW.state = '{public}' AND OLD.state <> '{public}' THEN
      NEW.state := OLD.state;
    END IF;
  END IF;
  RETURN NEW;
END $$""",
            f"CREATE TRIGGER {noun}_hold BEFORE INSERT OR UPDATE ON {noun} FOR EACH ROW EXECUTE FUNCTION {noun}_hold()",
            _postgres_log(noun, differs),
            _postgres_log_trigger(noun),
        ]
    return made


def drop_statements(postgres: bool) -> list[str]:
    """Undoes what the two functions above made."""
    if postgres:
        return [
            statement
            for noun in WATCHED
            for part in ("hold", "log")
            for statement in (f"DROP TRIGGER {noun}_{part} ON {noun}", f"DROP FUNCTION {noun}_{part}()")
        ]
    parts = ("held_insert", "held_update", "log_insert", "log_update", "log_delete")
    return [f"DROP TRIGGER {noun}_{part}" for noun in WATCHED for part in parts]


def audit_triggers(postgres: bool) -> list[str]:
    """What has been done stays written: a row of the audit may lose its values (an erasure), nothing else."""
    kept = ("id", "at", "actor", "verb", "noun", "noun_id")
    if postgres:
        changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in kept)
        return [
            f"""CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR {changed} OR NEW.before IS NOT NULL OR NEW.after IS NOT NULL THEN
    RAISE EXCEPTION 'the audit is only added to';
  END IF;
  RETURN NEW;
END $$""",
            "CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_keep()",
        ]
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in kept)
    stop = "BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END"
    return [
        f"CREATE TRIGGER audit_keep_delete BEFORE DELETE ON audit {stop}",
        f"CREATE TRIGGER audit_keep_update BEFORE UPDATE ON audit "
        f"WHEN {changed} OR NEW.before IS NOT NULL OR NEW.after IS NOT NULL {stop}",
    ]


def drop_audit_triggers(postgres: bool) -> list[str]:
    """Undoes what the function above made."""
    if postgres:
        return ["DROP TRIGGER audit_keep ON audit", "DROP FUNCTION audit_keep()"]
    return ["DROP TRIGGER audit_keep_delete", "DROP TRIGGER audit_keep_update"]
