"""Lists what the emulated account holds, one line each, with what must not change while another installation comes and
goes: NAME KIND DETAILS."""
import json

import boto3


def pages(service, action, key, **arguments):
    client = boto3.client(service)
    if not client.can_paginate(action):
        return getattr(client, action)(**arguments)[key]
    return [item for page in client.get_paginator(action).paginate(**arguments) for item in page.get(key, [])]


def add(name, kind, *details):
    print(name, kind, json.dumps(details, sort_keys=True, default=str))


def tag(item, name):
    return next((t["Value"] for t in item.get("Tags", []) if t["Key"] == name), None)


for group in pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"):
    add(group["AutoScalingGroupName"], "group", group["LaunchTemplate"], group["DesiredCapacity"], group["VPCZoneIdentifier"],
        sorted(i["InstanceId"] for i in group["Instances"]))
for template in pages("ec2", "describe_launch_templates", "LaunchTemplates"):
    add(template["LaunchTemplateName"], "template", template["LatestVersionNumber"])
iam = boto3.client("iam")
for role in pages("iam", "list_roles", "Roles"):
    name = role["RoleName"]
    policies = [iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"] for p in iam.list_role_policies(RoleName=name)["PolicyNames"]]
    add(name, "role", policies, role["AssumeRolePolicyDocument"])
for profile in pages("iam", "list_instance_profiles", "InstanceProfiles"):
    add(profile["InstanceProfileName"], "profile", [role["RoleName"] for role in profile["Roles"]])
for alarm in pages("cloudwatch", "describe_alarms", "MetricAlarms"):
    add(alarm["AlarmName"], "alarm", {key: value for key, value in alarm.items() if not key.startswith("State")})
for dashboard in boto3.client("cloudwatch").list_dashboards()["DashboardEntries"]:
    add(dashboard["DashboardName"], "dashboard", dashboard["Size"])
for topic in pages("sns", "list_topics", "Topics"):
    add(topic["TopicArn"].split(":")[-1], "topic")
# moto keeps the default security group of a network that is gone.
networks = {vpc["VpcId"]: tag(vpc, "Project") or "default" for vpc in pages("ec2", "describe_vpcs", "Vpcs")}
for kind in "Vpcs", "Subnets", "RouteTables", "SecurityGroups", "VpcEndpoints":
    action = "describe_" + {"RouteTables": "route_tables", "SecurityGroups": "security_groups", "VpcEndpoints": "vpc_endpoints"}.get(kind, kind.lower())
    for item in pages("ec2", action, kind):
        add(networks.get(item["VpcId"], "gone"), kind, {key: value for key, value in item.items() if key not in ("Tags", "AvailableIpAddressCount")})
for bucket in boto3.client("s3").list_buckets()["Buckets"]:
    packages = pages("s3", "list_object_versions", "Versions", Bucket=bucket["Name"], Prefix="artifacts/")
    add(bucket["Name"], "bucket", [(package["Key"], package["VersionId"]) for package in packages])
