"""A traceback in the log tells where it happened, never what callers said."""

import json
import subprocess
import sys

PROGRAM = """
from service_kit.telemetry import logger, set_up

set_up("test", version="0")

def open_door(story: str) -> None:
    raise RuntimeError("the door is stuck")

try:
    open_door("rumah " + "terbakar")
except RuntimeError:
    logger("test").exception("door.stuck")
"""


SPAN = """
import sys
from opentelemetry import trace
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from service_kit.telemetry import set_up, span

set_up("test", version="0")
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stdout)))
try:
    with span("door open"):
        raise RuntimeError("rumah " + "terbakar")
except RuntimeError:
    pass
"""


def test_a_logged_error_names_its_place_and_no_variable() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    line = json.loads(done.stdout)
    assert line["exception"][0]["exc_type"] == "RuntimeError"
    assert line["exception"][0]["frames"][-1]["name"] == "open_door"
    assert "rumah terbakar" not in done.stdout


def test_a_span_that_failed_keeps_the_kind_of_its_error_and_no_word_of_it() -> None:
    done = subprocess.run([sys.executable, "-c", SPAN], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert (told["attributes"]["error.type"], told["status"]["status_code"]) == ("RuntimeError", "ERROR")
    assert "rumah terbakar" not in done.stdout
