#!/usr/bin/env python3
"""moto with what a group of instances does over time and moto does not: lifecycle hooks, instance refreshes, ends.

    aws.py PORT [HOSTS PROGRAM]

Without a program instances are names only: launched, in service and ended at once. With one, each instance of a group
becomes a host: `PROGRAM start ID DIRECTORY` is run with its user data in DIRECTORY/user-data, as a process group of its
own, and a lifecycle hook holds the instance until the host has completed it. When the instance ends, the process group is
killed and HOSTS/ID is deleted, as the disk of an instance is. What the host's metadata service would say is under
/imds/ID/. For tests:

    PUT /test/NAME/on|off    s3: buckets refuse trades; refresh: the next start of a refresh is refused; zones: there are two
    POST /test/shutdown/ID   the host has shut itself down
"""
import base64, datetime, gzip, io, itertools, json, os, shutil, signal, subprocess, sys, threading, time, traceback

from botocore.parsers import RpcV2CBORParser
from moto.autoscaling import models, responses
from moto.cloudwatch.models import cloudwatch_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.core.types import Base64EncodedString
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.launch_templates import LaunchTemplateVersion
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

PORT, HOSTS, PROGRAM = int(sys.argv[1]), *(sys.argv[2:] or [None, None])
PATIENCE = {"recording": 240, "drain": 900}  # seconds that a hook waits, in place of 900 and 3,600
switches = {"s3": False, "refresh": False, "zones": False}
lock = threading.RLock()
hooks = {}  # group -> {transition: {"name", "default"}}
refreshes, activities, processes, answers = {}, {}, {}, {}
numbers = itertools.count(1)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def log(text):
    print(now().strftime("%H:%M:%S"), text, flush=True)


# ---- Hosts -----------------------------------------------------------------------------------------------------------
def boot(group, state):
    if not PROGRAM:
        return
    directory = os.path.join(HOSTS, state.instance_id)
    os.makedirs(directory)
    template = group.ec2_launch_template.get_version(group.launch_template["Version"])
    data = base64.b64decode(template.user_data.as_bytes())
    with open(os.path.join(directory, "user-data"), "wb") as file:
        file.write(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    with open(os.path.join(HOSTS, state.instance_id + ".log"), "ab") as output:
        processes[state.instance_id] = subprocess.Popen(
            [PROGRAM, "start", state.instance_id, directory], stdout=output, stderr=output, start_new_session=True)


def end(group, state, why):
    process = processes.pop(state.instance_id, None)
    if process:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    if PROGRAM:
        disk = os.path.join(HOSTS, state.instance_id)
        left = sum(name.endswith((".jsonl", ".gz")) for _, _, names in os.walk(os.path.join(disk, "spool")) for name in names)
        log(f"{state.instance_id} ends ({why}), files in its spool: {left}")
        shutil.rmtree(disk, ignore_errors=True)
    with lock:
        if state in group.instance_states:
            group.instance_states.remove(state)
    group.autoscaling_backend.ec2_backend.terminate_instances([state.instance_id])


def wait_for(group, state, name):
    """What the host answers to a hook, or the hook's default."""
    if not PROGRAM:
        return "CONTINUE"
    key = (state.instance_id, name)
    until = time.monotonic() + PATIENCE[name]
    while time.monotonic() < until:
        with lock:
            answer = answers.pop(key, None)
        if answer == "extend":
            until = time.monotonic() + PATIENCE[name]
        elif answer:
            return answer
        time.sleep(0.2)
    return "ABANDON" if name == "recording" else "CONTINUE"


def launch(group):
    """Another instance. True if it is in service in the end."""
    with lock:
        group.replace_autoscaling_group_instances(1, group.get_propagated_tags())
        state = group.instance_states[-1]
        state.lifecycle_state = "Pending:Wait"
    activity = {"ActivityId": str(next(numbers)), "AutoScalingGroupName": group.name, "StartTime": now(), "StatusCode": "InProgress",
                "Description": f"Launching a new EC2 instance: {state.instance_id}", "Cause": "the capacity", "Progress": 0}
    activities.setdefault(group.name, []).insert(0, activity)
    log(f"{state.instance_id} is launched, template {state.planned['Version']}")
    boot(group, state)
    proven = wait_for(group, state, "recording") == "CONTINUE"
    if proven:
        state.lifecycle_state = "InService"
        log(f"{state.instance_id} is in service")
    else:
        end(group, state, "its launch is abandoned")
    activity.update(StatusCode="Successful" if proven else "Cancelled", EndTime=now(), Progress=100)
    return proven


def drain(group, state, why):
    state.lifecycle_state = "Terminating:Wait"
    log(f"{state.instance_id} is to end ({why})")
    if state.instance_id in processes:
        wait_for(group, state, "drain")
    end(group, state, why)


# moto keeps the user data of later versions as plain text, and then fails on it.
def user_data(self):
    data = self.data.get("UserData")
    return data if data is None or isinstance(data, Base64EncodedString) else Base64EncodedString(data)


LaunchTemplateVersion.user_data = property(user_data)


plain_zones = RegionsAndZonesBackend.describe_availability_zones
RegionsAndZonesBackend.describe_availability_zones = lambda *a, **k: plain_zones(*a, **k)[: 2 if switches["zones"] else None]


# ---- Groups ----------------------------------------------------------------------------------------------------------
plain_init = models.InstanceState.__init__


def init(self, *arguments, **named):
    plain_init(self, *arguments, **named)
    self.planned = dict(self.auto_scaling_group.launch_template)


models.InstanceState.__init__ = init
models.InstanceState.launch_template = property(lambda self: self.planned)


def capacity(group, wanted):
    group.desired_capacity = group.min_size if wanted is None else wanted
    missing = group.desired_capacity - len(group.instance_states)
    launches = [threading.Thread(target=fill, args=[group], daemon=True) for _ in range(missing)]
    [thread.start() for thread in launches]
    if not PROGRAM:
        [thread.join() for thread in launches]
    if missing < 0:
        ends = [threading.Thread(target=drain, args=[group, state, "the group shrinks"]) for state in group.instance_states[:-missing]]
        [thread.start() for thread in ends]
        if not PROGRAM:
            [thread.join() for thread in ends]


def fill(group):
    while not launch(group) and group.desired_capacity > len(group.instance_states):
        time.sleep(1)


models.FakeAutoScalingGroup.set_desired_capacity = capacity


def terminate(self, instance_id, should_decrement):
    group, state = next((g, s) for g in self.autoscaling_groups.values() for s in g.instance_states if s.instance_id == instance_id)

    def replace():
        # The maintenance policy of the group: the new one first, as often as it takes.
        while not launch(group):
            time.sleep(1)
        drain(group, state, "terminated by hand")

    threading.Thread(target=replace, daemon=True).start()
    return models.TerminateInstanceActivity(state.instance, group.desired_capacity)


models.AutoScalingBackend.terminate_instance = terminate


def active(group_name):
    return next((r for r in refreshes.get(group_name, []) if r["Status"] in ("InProgress", "Cancelling")), None)


def roll(group, refresh):
    outdated = lambda: [s for s in list(group.instance_states) if s.planned["Version"] != group.launch_template["Version"]]
    todo = len(outdated())
    while outdated() and refresh["Status"] == "InProgress":
        if launch(group) and refresh["Status"] == "InProgress":
            drain(group, outdated()[0], "replaced by the refresh")
        refresh["PercentageComplete"] = 100 * (todo - len(outdated())) // todo
        time.sleep(1)  # AWS takes minutes
    refresh.update(Status="Cancelled" if refresh["Status"] == "Cancelling" else "Successful", EndTime=now())
    log(f"the refresh of {group.name} is {refresh['Status']}")


def refusal(code, message):
    error = ServiceException(message)
    error.code = code
    return error


class Added(responses.AutoScalingResponse):
    """Actions that moto lacks."""

    def group(self):
        return self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]

    def start_instance_refresh(self):
        group = self.group()
        if switches["refresh"]:
            switches["refresh"] = False
            log("the start of a refresh is refused")
            raise models.ValidationError("The refresh is refused, as AWS refuses it for some preferences")
        if active(group.name):
            raise refusal("InstanceRefreshInProgress", "An Instance Refresh is already in progress and blocks the execution of this one.")
        refresh = {"InstanceRefreshId": str(next(numbers)), "AutoScalingGroupName": group.name, "Status": "InProgress", "StartTime": now(),
                   "PercentageComplete": 0, "InstancesToUpdate": len(group.instance_states)}
        refreshes.setdefault(group.name, []).insert(0, refresh)
        threading.Thread(target=roll, args=[group, refresh], daemon=True).start()
        return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})

    def describe_instance_refreshes(self):
        wanted = self._get_param("InstanceRefreshIds", [])
        found = refreshes.get(self._get_param("AutoScalingGroupName"), [])
        return ActionResult({"InstanceRefreshes": [r for r in found if not wanted or r["InstanceRefreshId"] in wanted]})

    def cancel_instance_refresh(self):
        refresh = active(self._get_param("AutoScalingGroupName"))
        if refresh is None:
            raise refusal("ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found")
        refresh["Status"] = "Cancelling"
        return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})

    def describe_scaling_activities(self):
        return ActionResult({"Activities": activities.get(self._get_param("AutoScalingGroupName"), [])})

    def answer(self, what):
        key = (self._get_param("InstanceId"), self._get_param("LifecycleHookName"))
        waits = {"recording": "Pending:Wait", "drain": "Terminating:Wait"}[key[1]]
        if not any(s.instance_id == key[0] and s.lifecycle_state == waits for s in self.group().instance_states):
            raise models.ValidationError(f"No active Lifecycle Action found with instance ID {key[0]}")
        with lock:
            answers[key] = what
        log(f"{key[0]} answers {key[1]}: {what}")
        return EmptyResult()

    def complete_lifecycle_action(self):
        return self.answer(self._get_param("LifecycleActionResult"))

    def record_lifecycle_action_heartbeat(self):
        return self.answer("extend")


for name in vars(Added):
    if not name.startswith("__"):
        setattr(responses.AutoScalingResponse, name, getattr(Added, name))


# ---- Requests --------------------------------------------------------------------------------------------------------
def state_of(instance_id):
    for account in models.autoscaling_backends.values():
        for backend in account.values():
            for group in backend.autoscaling_groups.values():
                for state in group.instance_states:
                    if state.instance_id == instance_id:
                        return group, state
    return None, None


def metadata(path):
    instance_id, _, what = path.partition("/latest/")
    if what == "api/token":
        return "token"
    if what == "meta-data/instance-id":
        return instance_id
    if what == "meta-data/autoscaling/target-lifecycle-state":
        state = state_of(instance_id)[1]
        return "Terminated" if state is None or state.lifecycle_state.startswith("Terminating") else "InService"
    return None


def test(path):
    name, _, value = path.partition("/")
    if name == "shutdown":
        log(f"{value} shuts itself down")
    else:
        switches[name] = value == "on"
        log(f"{name}: {value}")
    return "ok"


def put_metrics(environ):
    """PutMetricData as the SDK for Java sends it, in CBOR; moto knows the older protocols only."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
        body = gzip.decompress(body)
    call = RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body)))
    region = environ["HTTP_AUTHORIZATION"].split("/")[2]
    cloudwatch_backends[DEFAULT_ACCOUNT_ID][region].put_metric_data(call["Namespace"], call["MetricData"])


aws = DomainDispatcherApplication(create_backend_app)


def application(environ, start_response):
    path = environ.get("PATH_INFO", "")
    answer = metadata(path[6:]) if path.startswith("/imds/") else test(path[6:]) if path.startswith("/test/") else None
    if answer is not None:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [answer.encode()]
    if path.endswith("/operation/PutMetricData"):
        put_metrics(environ)
        start_response("200 OK", [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")])
        return [b"\xa0"]
    if switches["s3"] and environ["REQUEST_METHOD"] == "PUT" and any(part in path for part in ("/raw/", "/index/", "/unparsed/")):
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("503 Service Unavailable", [("Content-Type", "application/xml")])
        return [b"<Error><Code>ServiceUnavailable</Code><Message>refused by the test</Message></Error>"]
    return aws(environ, start_response)


def fail(error):
    traceback.print_exception(error.exc_type, error.exc_value, error.exc_traceback)
    log(f"FAULT of the emulator: {error.exc_value!r}")


threading.excepthook = fail
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    run_simple("127.0.0.1", PORT, application, threaded=True)
finally:
    for process in processes.values():
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
