import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSha, type Sha } from "../../src/domain/ids.ts";

/** Debian's: the only one that its python3-django is for. */
export const PYTHON = "/usr/bin/python3";

/** Why a test with a real Django cannot run here; null if it can. In CI it must. */
export function whyNoDjango(): string | null {
  try {
    if (existsSync(PYTHON)) execFileSync(PYTHON, ["-c", "import django, gunicorn"], { stdio: "ignore" });
    if (existsSync(PYTHON)) return null;
  } catch {
    // Said below.
  }
  if (process.env["CI"] === "true")
    throw new Error("python3-django and gunicorn are not installed, and CI must not skip the tests with a real Django");
  return "python3-django and gunicorn are not installed";
}

const SETTINGS = (database: string): string => `SECRET_KEY = "of a test"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.staticfiles", "orders"]
ROOT_URLCONF = "site_urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "${database}"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATIC_ROOT = "static-root"
`;

/** Answers with the revision that was checked out when it started, and asks the database for every column that it knows. */
const URLS = `import subprocess
from django.http import HttpResponse
from django.urls import path
from orders.models import Order

REVISION = subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()

def index(request):
    list(Order.objects.all())
    return HttpResponse(REVISION)

urlpatterns = [path("", index)]
`;

const MANAGE = `import os, sys
from django.core.management import execute_from_command_line
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
execute_from_command_line(sys.argv)
`;

/** The fields of \`Order\` and the migration that leads to them, as \`makemigrations\` writes it. */
export type Step = { readonly fields: readonly string[]; readonly migration: string; readonly operations: string; readonly code?: string };

/** A repository with one commit for each step; answers its revisions, oldest first. */
export function makeDjangoRepository(root: string, steps: readonly Step[]): readonly Sha[] {
  const [origin, work] = [join(root, "origin.git"), join(root, "work")];
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", origin);
  git(root, "init", "--quiet", "--initial-branch=main", work);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  };
  put(".gitignore", "__pycache__/\nstatic-root/\n");
  put("site_settings.py", SETTINGS(join(root, "shop.sqlite3")));
  put("site_urls.py", URLS);
  put(
    "site_wsgi.py",
    'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")\nfrom django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n',
  );
  put("manage.py", MANAGE);
  put("orders/__init__.py", "");
  put("orders/migrations/__init__.py", "");
  let before: string | null = null;
  const revisions = steps.map((step) => {
    put(
      "orders/models.py",
      `from django.db import models\n\nclass Order(models.Model):\n${step.fields.map((field) => `    ${field}\n`).join("")}`,
    );
    put(`orders/migrations/${step.migration}.py`, migrationFile(step, before));
    before = step.migration;
    git(work, "add", "--all");
    git(work, "commit", "--quiet", "-m", step.migration);
    const revision = parseSha(git(work, "rev-parse", "HEAD"));
    if (revision === null) throw new Error("git made a commit without an id");
    return revision;
  });
  git(work, "push", "--quiet", origin, "main");
  return revisions;
}

function migrationFile(step: Step, before: string | null): string {
  const dependencies = before === null ? "" : `("orders", "${before}")`;
  return `from django.db import migrations, models
${step.code ?? ""}

class Migration(migrations.Migration):
    dependencies = [${dependencies}]

    operations = [
${step.operations}
    ]
`;
}

/** The answer of git, trimmed. */
export function git(directory: string, ...words: readonly string[]): string {
  const who = {
    GIT_AUTHOR_NAME: "Ann",
    GIT_AUTHOR_EMAIL: "ann@acme.test",
    GIT_COMMITTER_NAME: "Ann",
    GIT_COMMITTER_EMAIL: "ann@acme.test",
  };
  const env = { PATH: process.env["PATH"], HOME: directory, GIT_CONFIG_GLOBAL: "/dev/null", ...who };
  return execFileSync("git", words, { cwd: directory, env, encoding: "utf8" }).trim();
}
