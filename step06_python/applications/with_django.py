"""Django in one file: a view that is a coroutine, one that is not, a stream, and the admin's pages
with a database in memory.

  ./workshop run 6 with_django:app      the admin is at /admin/: user admin, password admin
"""

import asyncio
import json
import logging
import threading

import django
from django.conf import settings

logging.basicConfig()  # else only a page of DEBUG shows what a view raises
settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3",
                           "NAME": "file:memory?mode=memory&cache=shared"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                    "django.contrib.messages", "django.contrib.sessions",
                    "django.contrib.staticfiles"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="for a room of students, and for nobody else",
    STATIC_URL="/static/",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                "OPTIONS": {"context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages"]}}],
)
django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


async def hello(request):
    await asyncio.sleep(0)
    return HttpResponse(f"Hello, {request.GET.get('name', 'World')}!")


def users(request):
    """The database has to be asked in a thread: Django calls a view that is no coroutine in one."""
    return JsonResponse([user.username for user in User.objects.all()], safe=False)


def in_a_thread(request):
    return HttpResponse(str(threading.current_thread() is threading.main_thread()))


@csrf_exempt
def got(request):
    return JsonResponse({"got": json.loads(request.body)})


@csrf_exempt
def upload(request):
    return HttpResponse(f"{len(request.read())} octets")


def stream(request):
    return StreamingHttpResponse(f"{number}\n" for number in range(3))


def events(request):
    return StreamingHttpResponse((f"data: {number}\n\n" for number in range(3)),
                                 content_type="text/event-stream")


async def fail(request):
    raise ValueError("as asked")


urlpatterns = [path("", hello), path("users", users), path("json", got),
               path("thread", in_a_thread), path("upload", upload), path("stream", stream),
               path("events", events), path("fail", fail), path("admin/", admin.site.urls)]

call_command("migrate", verbosity=0)
User.objects.create_superuser("admin", password="admin")
app = ASGIStaticFilesHandler(get_asgi_application())
