"""Superset's configuration. Superset reads it through SUPERSET_CONFIG_PATH, in its own environment.

Only the standard library, Superset and `dashboards.server.*` modules that need neither are
imported here: the two environments share no package.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from superset.config import THEME_DEFAULT as SUPERSET_THEME

from dashboards.compiler.palette import SERIES, SERIES_SCHEME, STAGES, STAGES_SCHEME
from dashboards.server import guard, login, oidc, paths
from dashboards.server.application import install

_HOUR = 3600
# Set where a proxy speaks TLS before us: cookies are then for TLS alone, and the proxy is believed.
BEHIND_TLS = os.environ.get("FENGQIAO_SUPERSET_TLS") == "1"
ENABLE_PROXY_FIX = BEHIND_TLS

SECRET_KEY = paths.secret_key()
SQLALCHEMY_DATABASE_URI = f"sqlite:///{paths.metadata_file()}?check_same_thread=false"
SQLALCHEMY_EXAMPLES_URI = f"sqlite:///{paths.superset_home() / 'examples.db'}"

# Chinese first; English stays one click away for engineers.
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {
    "zh": {"flag": "cn", "name": "中文"},
    "en": {"flag": "us", "name": "English"},
}
APP_NAME = "枫桥 · 城市治理数据平台"
D3_FORMAT: dict[str, Any] = {"decimal": ".", "thousands": ",", "grouping": [3]}

# Nothing on a page may come from, or report to, another host (a government network has none).
TALISMAN_ENABLED = True
TALISMAN_CONFIG: dict[str, Any] = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # the proxy's part (deploy/)
    "session_cookie_secure": BEHIND_TLS,
    "strict_transport_security": BEHIND_TLS,
}
ENABLE_CORS = False
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = BEHIND_TLS
PERMANENT_SESSION_LIFETIME = 8 * _HOUR  # a working day
WTF_CSRF_ENABLED = True
HTML_SANITIZATION = True
# Markdown blocks keep their class names, so that one style sheet dresses every page.
HTML_SANITIZATION_SCHEMA_EXTENSIONS: dict[str, Any] = {
    "attributes": {"div": ["className"], "span": ["className"], "p": ["className"]}
}

FEATURE_FLAGS = {
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ALERT_REPORTS": False,
    "DASHBOARD_RBAC": False,
    "DRILL_BY": False,
    "DRILL_TO_DETAIL": False,
    "THUMBNAILS": False,
    "THUMBNAILS_SQLA_LISTENERS": False,
    "ENABLE_FACTORY_RESET_COMMAND": False,
}
ENABLE_UI_THEME_ADMINISTRATION = False
PREVENT_UNSAFE_DB_CONNECTIONS = True
SQLLAB_CTAS_NO_LIMIT = False
# Ours counts failures, by login (login.py): Superset's counts everybody behind one address.
RATELIMIT_ENABLED = False
FAB_PASSWORD_COMPLEXITY_ENABLED = True
FAB_PASSWORD_COMPLEXITY_VALIDATOR = login.check_password
ROW_LIMIT = 50_000
SUPERSET_WEBSERVER_TIMEOUT = 60

# A page file is immutable and replaced whole, so its identity is part of every cache key:
# a publish invalidates all results at once, even while Superset is down.
DATA_CACHE_CONFIG: dict[str, Any] = {
    "CACHE_TYPE": "dashboards.server.cache.by_page_file",
    "CACHE_DEFAULT_TIMEOUT": 24 * _HOUR,
    "CACHE_DIR": str(paths.cache_folder() / "data"),
    "CACHE_THRESHOLD": 5_000,
}
CACHE_CONFIG: dict[str, Any] = {
    "CACHE_TYPE": "SimpleCache",
    "CACHE_DEFAULT_TIMEOUT": _HOUR,
    "CACHE_THRESHOLD": 500,
}
# Shared between the workers, so on disk.
FILTER_STATE_CACHE_CONFIG: dict[str, Any] = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DEFAULT_TIMEOUT": 24 * _HOUR,
    "CACHE_DIR": str(paths.cache_folder() / "filters"),
    "REFRESH_TIMEOUT_ON_RETRIEVAL": True,
}
EXPLORE_FORM_DATA_CACHE_CONFIG: dict[str, Any] = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DEFAULT_TIMEOUT": 24 * _HOUR,
    "CACHE_DIR": str(paths.cache_folder() / "explore"),
    "REFRESH_TIMEOUT_ON_RETRIEVAL": True,
}

# Whatever has no colour of its own: none of them near a light.
EXTRA_CATEGORICAL_COLOR_SCHEMES: list[dict[str, Any]] = [
    {"id": SERIES_SCHEME, "label": "系列", "description": "", "colors": list(SERIES)},
    {"id": STAGES_SCHEME, "label": "流程", "description": "", "colors": list(STAGES)},
]

# One calm dark theme for every page. It is merged into Superset's own or the logo breaks.
THEME_DEFAULT: dict[str, Any] = {
    **SUPERSET_THEME,
    "algorithm": "dark",
    "token": {
        **SUPERSET_THEME["token"],
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "brandLogoUrl": "/fengqiao/logo.svg",
        "colorPrimary": "#4C9AFF",
        "colorLink": "#7FB5FF",
        "colorInfo": "#4C9AFF",
        "colorSuccess": "#2FB38C",
        "colorWarning": "#E8A93B",
        "colorError": "#E05252",
        "colorBgBase": "#0B1626",
        "colorBgLayout": "#0B1626",
        "colorBgContainer": "#12213A",
        "colorBgElevated": "#182B49",
        "colorTextBase": "#E3ECF8",
        "colorBorder": "#263C60",
        "colorBorderSecondary": "#1E3150",
        "fontFamily": "'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', 'PingFang SC', "
        "'Source Han Sans SC', sans-serif",
        "borderRadius": 6,
        # Superset's charts hard-code these; the theme is the one place that may change them.
        "echartsOptionsOverrides": {
            "legend": {"selector": False, "itemWidth": 14, "itemGap": 8},
        },
        "echartsOptionsOverridesByChartType": {
            "funnel": {
                "series": {
                    "gap": 3,
                    "minSize": "34%",
                    "itemStyle": {"borderWidth": 0},
                    "label": {
                        "color": "#FFFFFF",
                        "fontSize": 15,
                        "fontWeight": 600,
                        "textBorderWidth": 0,
                    },
                }
            },
            # Superset pages a legend of two rows; its arrows cost more than the row.
            "echarts_timeseries_line": {
                "legend": {"type": "plain"},
                "grid": {"top": 64},
                "series": {"lineStyle": {"width": 1.6}},
            },
        },
    },
}
THEME_DARK = None
FAVICONS = [{"href": "/fengqiao/logo.svg"}]
APP_ICON = "/fengqiao/logo.svg"

LOG_LEVEL = os.environ.get("FENGQIAO_SUPERSET_LOG_LEVEL", "WARNING")
FILENAME = str(Path(paths.superset_home()) / "superset.log")
FLASK_APP_MUTATOR = install
# Only statements on a bench file are looked at; charts on pages pass.
SQL_QUERY_MUTATOR = guard.mutate
MUTATE_AFTER_SPLIT = False
SQLLAB_TIMEOUT = 60
SQL_MAX_ROW = 100_000
# Who signs in through the house's identity provider, where one is named.
globals().update(oidc.settings())
