# One image for web, worker and beat. The database and Valkey are their own services (docker-compose.yml).
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    CALLCENTER_ENV=production CALLCENTER_DATA=/data STATIC_ROOT=/app/staticfiles

RUN useradd --create-home --uid 10001 callcenter && mkdir /data && chown callcenter /data
WORKDIR /app

COPY requirements/base.txt requirements/
RUN pip install -r requirements/base.txt

COPY . .
RUN python manage.py collectstatic --noinput && python -m compileall -q apps callcenter

USER callcenter
VOLUME /data
EXPOSE 8000
CMD ["uvicorn", "callcenter.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--proxy-headers", \
     "--no-access-log", "--no-server-header", "--ws-max-size", "65536", "--ws-per-message-deflate", "false", "--timeout-graceful-shutdown", "10"]
