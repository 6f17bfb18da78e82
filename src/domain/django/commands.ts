/** Where a way back leads for one app: `migrate orders 0002_order_total`, or `zero`. */
export type SchemaTarget = { readonly app: string; readonly to: string };

/** A schema that is taken back: where to, per app, and exactly which migrations that undoes, latest first. */
export type SchemaUndo = { readonly targets: readonly SchemaTarget[]; readonly names: readonly string[] };

/** More pending migrations than this are judged by their plan alone: each `sqlmigrate` starts Django anew. */
const MOST_READ_AS_SQL = 40;

/**
 * `report TITLE COMMAND...` runs a command and prints what it printed behind bars, between two lines that nothing behind a bar can look
 * like, with its exit code and the number of its lines: who reads the log sees whether any of it is missing. `$code` is left behind.
 */
const REPORT = String.raw`folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
count=0
report() {
  title=$1; shift; count=$((count + 1))
  "$@" >"$folder/out" 2>"$folder/err" </dev/null; code=$?
  printf '\n== greenlight %s %s\n' "$count" "$title"
  awk '{ print "! " $0 }' "$folder/err"
  awk -v code="$code" '{ print "| " $0 } END { print "== exit " code " lines " NR }' "$folder/out"
}
`;

/**
 * SQL is asked only where the plan does not tell enough, and never of operations that are not Django's own: `sqlmigrate` runs them, and
 * only Django's are known to change nothing then. The names of what is left out stay in the plan.
 */
const PREVIEW = `# What the migrations would do.
${REPORT}${String.raw`
report 'showmigrations --plan' "$@" showmigrations --plan
[ "$code" = 0 ] || exit "$code"
report 'migrate --plan' "$@" migrate --plan
[ "$code" = 0 ] || exit "$code"
awk -v most=${MOST_READ_AS_SQL} '
  function flush() { if (app != "" && asks != "" && !odd && ++told <= most) print app, name, asks; app = ""; asks = ""; odd = 0 }
  /^[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z0-9_]+$/ { flush(); dot = index($0, "."); app = substr($0, 1, dot - 1); name = substr($0, dot + 1); next }
  /^    (Add field|Alter |Raw SQL operation)/ { if (asks !~ /f/) asks = asks "f" }
  /^    Raw (SQL|Python) operation/ { if (asks !~ /b/) asks = asks "b" }
  /^    / && !/^    (Add|Alter|Change|Concurrently|Create|Creates|Delete|Raw|Remove|Rename|Set|Validate) / { odd = 1 }
  END { flush() }
' "$folder/out" >"$folder/pending"
while read -r app name asks; do
  case $asks in *f*) report "sqlmigrate $app $name" "$@" sqlmigrate "$app" "$name";; esac
  case $asks in *b*) report "sqlmigrate $app $name --backwards" "$@" sqlmigrate "$app" "$name" --backwards;; esac
done <"$folder/pending"
printf '== greenlight end %s\n' "$count"
exit 0
`}`;

/** A migration that queues behind a long query makes every query after it wait too. Only PostgreSQL's library reads this variable. */
const LOCK_TIMEOUT = String.raw`
case $1 in off) ;; *) PGOPTIONS="${"$"}{PGOPTIONS:+$PGOPTIONS }-c lock_timeout=$1"; export PGOPTIONS;; esac
shift
`;

/** The migration itself speaks as it always does; what is applied afterwards is read whatever became of it. */
const MIGRATE = `# Migrates, and says what is applied then.
${REPORT}${LOCK_TIMEOUT}${String.raw`
"$@" migrate --noinput; migrated=$?
report 'showmigrations --plan' "$@" showmigrations --plan
exit "$migrated"
`}`;

/** What is applied now: read before anything else when the outcome of a migration was lost. */
const REREAD = `# What is applied now.
${REPORT}${String.raw`
report 'showmigrations --plan' "$@" showmigrations --plan
exit "$code"
`}`;

/**
 * Backwards, in the code that knows the migrations. Everything is looked at before anything is undone: Django says "No migrations to
 * apply" and succeeds when the code does not know them, undoes what depends on them without asking, and begins what it cannot finish.
 */
const UNDO = `# Undoes exactly these migrations, or none.
${REPORT}${LOCK_TIMEOUT}${String.raw`
targets=$1 names=$2; shift 2
"$@" showmigrations --plan >"$folder/before" </dev/null || exit 1
for name in $names; do
  grep -qxF "[X]  $name" "$folder/before" || {
    echo "Nothing was undone: to the code that lies here $name is not applied, or not known." >&2; exit 9; }
done
for target in $targets; do
  "$@" migrate "${"$"}{target%%:*}" "${"$"}{target#*:}" --plan >"$folder/plan" </dev/null || exit 1
  cat "$folder/plan"
  if grep -q -e ' -> IRREVERSIBLE$' "$folder/plan"; then
    echo "Nothing was undone: Django cannot undo all of it." >&2; exit 10
  fi
  for planned in $(sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\.[A-Za-z0-9_]*\)$/\1/p' "$folder/plan"); do
    case " $names " in *" $planned "*) ;; *) echo "Nothing was undone: Django would undo $planned too, which was there before." >&2; exit 11;; esac
  done
done
undone=0
for target in $targets; do
  "$@" migrate "${"$"}{target%%:*}" "${"$"}{target#*:}" --noinput </dev/null || { undone=$?; break; }
done
report 'showmigrations --plan' "$@" showmigrations --plan
for name in $names; do
  grep -qxF "[ ]  $name" "$folder/out" || { echo "Not undone: $name" >&2; [ "$undone" != 0 ] || undone=12; }
done
exit "$undone"
`}`;

/** Reads, in the code that lies there, what the migrations would do. Changes nothing. */
export function previewCommand(manage: readonly string[]): readonly string[] {
  return ["sh", "-c", PREVIEW, "preview", ...manage];
}

/** The words before a Django command, and how many milliseconds a migration waits for a lock; null: for ever. */
export type Manage = { readonly manage: readonly string[]; readonly lockTimeoutMs: number | null };

/** Applies all migrations, and says which are applied then. */
export function migrateCommand({ manage, lockTimeoutMs }: Manage): readonly string[] {
  return ["sh", "-c", MIGRATE, "migrate", String(lockTimeoutMs ?? "off"), ...manage];
}

/** Says which migrations are applied. */
export function rereadCommand(manage: readonly string[]): readonly string[] {
  return ["sh", "-c", REREAD, "reread", ...manage];
}

/** Undoes exactly these migrations, or none; run it in the code that has them. */
export function undoCommand({ manage, lockTimeoutMs }: Manage, undo: SchemaUndo): readonly string[] {
  const targets = undo.targets.map(({ app, to }) => `${app}:${to}`).join(" ");
  return ["sh", "-c", UNDO, "undo", String(lockTimeoutMs ?? "off"), targets, undo.names.join(" "), ...manage];
}
