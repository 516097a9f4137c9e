"""A browser without a script: cookies, links, forms, redirects that are looked at before they are followed. Standard library only."""
import html.parser
import http.client
import json
import secrets
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def location(self):
        return self.headers.get("location")

    @property
    def returned(self):
        """The parameters of a redirect."""
        query = urllib.parse.urlsplit(self.location).query
        return dict(urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))


def call(url, method="GET", body=None, headers=None):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    target = parts.path + ("?" + parts.query if parts.query else "")
    connection.request(method, target or "/", body, headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


class Page(html.parser.HTMLParser):
    """Forms, links and what a strict policy would stop."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links, self.inline = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.forms.append((given["action"], {}))
        if tag == "input" and given.get("type") == "hidden":
            self.forms[-1][1][given["name"]] = given["value"]
        if tag == "a":
            self.links.append(given["href"])
        if tag == "style" or (tag == "script" and "src" not in given) or any(name.startswith("on") or name == "style" for name in given):
            self.inline.append(tag)
        for name in ("src", "href"):
            if tag in ("script", "link", "img") and not given.get(name, "/").startswith("/"):
                self.inline.append(given[name])

    def form(self, ending):
        return next(form for form in self.forms if form[0].endswith(ending))


class Browser:
    def __init__(self, origin):
        self.origin, self.cookies = origin, {}

    def call(self, url, method="GET", body=None, headers=None):
        url = urllib.parse.urljoin(self.origin + "/", url)
        assert url.startswith(self.origin + "/"), f"not a page of the service: {url}"
        headers = dict(headers or {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = call(url, method, body, headers)
        if "set-cookie" in answer.headers:
            pair, *rest = answer.headers["set-cookie"].split("; ")
            name, value = pair.split("=", 1)
            assert "HttpOnly" in rest and ("SameSite=Lax" in rest or "SameSite=Strict" in rest) and "Path=/" in rest, rest
            if "Max-Age=0" in rest:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def post(self, form, values=None, headers=None):
        """Posts a form of a page of this service."""
        action, fields = form
        body = urllib.parse.urlencode({**fields, **(values or {})})
        given = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return self.call(action, "POST", body, {**given, **(headers or {})})

    def upload(self, form, text, headers=None):
        """Posts a form with a file, as browsers write it."""
        action, fields = form
        boundary = "----" + secrets.token_hex(8)
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="answer.json"\r\n'
            f"Content-Type: application/json\r\n\r\n{text}\r\n")
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="text"\r\n\r\n\r\n--{boundary}--\r\n')
        given = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return self.call(action, "POST", "".join(parts).encode(), {**given, **(headers or {})})
