"""The Zabbix templates of contrib/: their structure, and their Prometheus patterns on pages of the exporter. Zabbix itself is not
run: `matches` does what its preprocessing does."""
import re
import sys
import uuid

from ntplab import packages

LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"')
PEER = "{#PEER}"


def load(path):
    """Parses the export."""
    sys.path.append(str(packages.CACHE / "yaml/usr/lib/python3/dist-packages"))
    import yaml  # pylint: disable=import-outside-toplevel

    return yaml.safe_load(path.read_text())["zabbix_export"]


def rows(page):
    """Returns name, labels and value of each sample."""
    found = []
    for line in page.splitlines():
        if line and not line.startswith("#"):
            name, labels, value = re.fullmatch(r"([^{ ]+)(?:\{(.*)\})? (\S+)", line).groups()
            found.append((name, {label: text for label, _, text in LABEL.findall(labels or "")}, float(value)))
    return found


def matches(pattern, page):
    """Returns the samples that a pattern of Zabbix selects. Its regular expressions match anywhere in a value."""
    name, conditions = re.fullmatch(r"([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})?", pattern).groups()
    parsed = LABEL.findall(conditions or "")
    if ",".join(f'{label}{operator}"{text}"' for label, operator, text in parsed) != (conditions or ""):
        raise ValueError(pattern)
    tests = {"=": lambda text, value: text == value, "!=": lambda text, value: text != value,
             "=~": lambda text, value: bool(re.search(text, value)), "!~": lambda text, value: not re.search(text, value)}
    return [row for row in rows(page)
            if row[0] == name and all(tests[operator](text, row[1].get(label, "")) for label, operator, text in parsed)]


def evaluate(step, page, peer=None):
    """Returns what a preprocessing step takes from a page, or None if it fails there."""
    pattern, output, detail = step["parameters"]
    found = matches(pattern.replace(PEER, peer or ""), page)
    if (output, detail) == ("function", "sum"):
        return sum(value for _, _, value in found)
    if len(found) != 1:
        return None
    return found[0][1].get(detail) if output == "label" else found[0][2]


def identifiers(node):
    """All UUIDs below a node."""
    if isinstance(node, list):
        return [found for part in node for found in identifiers(part)]
    if isinstance(node, dict):
        return [text for key, text in node.items() if key == "uuid"] + identifiers(list(node.values()))
    return []


def faults(export):
    """Returns what is wrong with the structure: an identifier, a reference, an expression."""
    wrong = []
    known = identifiers(export)
    wrong += [f"not a version 4 UUID: {text}" for text in known
              if uuid.UUID(text).version != 4 or uuid.UUID(text).hex != text or uuid.UUID(text).variant != uuid.RFC_4122]
    wrong += [f"used twice: {text}" for text in set(known) if known.count(text) > 1]
    keys, macros, triggers = {}, {}, list(export["triggers"])
    for template in export["templates"]:
        prototypes = [item for rule in template["discovery_rules"] for item in rule["item_prototypes"]]
        triggers += [trigger for rule in template["discovery_rules"] for trigger in rule["trigger_prototypes"]]
        items = template["items"] + prototypes
        keys[template["name"]] = [item["key"] for item in items]
        macros[template["name"]] = {macro["macro"] for macro in template["macros"]}
        maps = {one["name"] for one in template["valuemaps"]}
        for item in items + template["discovery_rules"]:
            if item["type"] == "DEPENDENT" and item["master_item"]["key"] not in keys[template["name"]]:
                wrong.append(f"{item['key']}: no such master item")
            if item.get("valuemap", {"name": min(maps)})["name"] not in maps:
                wrong.append(f"{item['key']}: no such value map")
        wrong += [f"{item['url']}: unknown macro {macro}" for item in items if "url" in item
                  for macro in re.findall(r"\{\$[^}]+\}", item["url"]) if macro not in macros[template["name"]]]
    for trigger in triggers:
        used = re.findall(r"\(/([^/]+)/((?:[^,)\[]|\[[^\]]*\])+)", trigger["expression"])
        if not used:
            wrong.append(f"{trigger['expression']}: no item")
        for name, key in used:
            if key not in keys.get(name, []):
                wrong.append(f"{trigger['expression']}: no item {key}")
            wrong += [f"{trigger['expression']}: unknown macro {macro}" for macro in re.findall(r"\{\$[^}]+\}", trigger["expression"])
                      if macro not in macros.get(name, ())]
    return wrong


def check(report, path, pages):
    """Checks the templates. `pages` has, by template, a page on which every pattern finds what it is for, and what its
    patterns must find on others: page, item, value."""
    export = load(path)
    wrong = faults(export)
    report.check("zabbix: the templates are sound", not wrong, "\n".join(wrong))
    for template in export["templates"]:
        page, others = pages[template["name"]]
        steps = {item["key"]: item["preprocessing"][0] for item in template["items"] if "preprocessing" in item}
        special = {key for _, key, _ in others}
        for key, step in steps.items():
            if key not in special:
                found = evaluate(step, page)
                # A sum of nothing would be 0.
                right = found not in (None, "") and (step["parameters"][1] != "function" or found > 0)
                report.check(f"zabbix: {template['name']}: {key}", right, f"{step}\n{page}")
        for other, key, value in others:
            found = evaluate(steps[key], other)
            report.check(f"zabbix: {template['name']}: {key} is {value}", found == value, f"{steps[key]}: {found}\n{other}")
        for rule in template["discovery_rules"]:
            rows_found = matches(rule["preprocessing"][0]["parameters"][0], page)
            label = re.fullmatch(r"\$\.labels\['(\w+)'\]", rule["lld_macro_paths"][0]["path"])[1]
            peers = [labels[label] for _, labels, _ in rows_found]
            report.check(f"zabbix: {template['name']}: discovery", len(peers) > 1 and len(set(peers)) == len(peers), page)
            for item in rule["item_prototypes"]:
                step = item["preprocessing"][0]
                lacking = [peer for peer in peers if evaluate(step, page, peer) is None]
                # A source that has not answered yet has no offset and no delay.
                right = len(lacking) < len(peers) if item["key"].startswith(("ntpkit.peer.offset", "ntpkit.peer.delay")) else not lacking
                report.check(f"zabbix: {template['name']}: {item['key']}", right, f"{step}: not for {lacking}\n{page}")
