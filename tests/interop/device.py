"""An unmodified MQTT client, PyPI's paho-mqtt, as an app would use it.

usage: python device.py HOST PORT CLIENT_ID USERNAME PASSWORD TOPIC QOS COUNT

Connects over TCP, subscribes, prints {"ready": sessionPresent} and then each message as {"topic", "qos", "dup", "json"},
one a line; ends after COUNT messages. MQTT_CA is a PEM file with the certificate it trusts. Exit code 0, or 1 with an
`error` member.
"""

import json
import os
import ssl
import sys

import paho.mqtt.client as mqtt

host, port, client_id, username, password, topic, qos, count = sys.argv[1:]
left = int(count)
present = False


def say(value):
    print(json.dumps(value), flush=True)


def on_connect(client, _data, flags, reason, _properties):
    global present
    if reason.is_failure:
        say({"error": str(reason)})
        client.disconnect()
        sys.exit(1)
    present = flags.session_present
    client.subscribe(topic, int(qos))


def on_subscribe(client, _data, _mid, reasons, _properties):
    if any(reason.is_failure for reason in reasons):
        say({"error": "not granted"})
        sys.exit(1)
    say({"ready": present})


def on_message(client, _data, message):
    global left
    say({"topic": message.topic, "qos": message.qos, "dup": message.dup, "json": json.loads(message.payload)})
    left -= 1


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id, clean_session=False, protocol=mqtt.MQTTv311)
client.username_pw_set(username, password)
client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
if "MQTT_CA" in os.environ:
    client.tls_set(ca_certs=os.environ["MQTT_CA"])
try:
    client.connect(host, int(port), keepalive=10)
except ssl.SSLError as error:
    say({"error": str(error)})
    sys.exit(1)
while left > 0:
    client.loop(1.0)
# The library acknowledges after its callback: what is on its way is written before the goodbye.
for _ in range(3):
    client.loop(0.1)
client.disconnect()
client.loop(0.1)
