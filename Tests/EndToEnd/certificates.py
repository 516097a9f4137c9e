"""A certificate authority that lives as long as the test, and a certificate for this machine's names."""
import base64
import hashlib
import os
import subprocess

from processes import run

# Of the browser's wallet: to the browser another site than this machine's own name, and still this machine.
WALLET_NAME = "wallet.localhost"
SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Certificates:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        with open(self.path("names"), "w") as file:
            file.write(f"subjectAltName=DNS:localhost,DNS:{WALLET_NAME},IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        run(["openssl", "req", "-x509", *curve, "-keyout", "authority.key", "-out", "authority.pem", "-days", "1",
             "-subj", "/CN=Authority of an end-to-end test"], folder)
        run(["openssl", "req", *curve, "-keyout", "server.key", "-out", "server.request", "-subj", "/CN=localhost"], folder)
        run(["openssl", "x509", "-req", "-in", "server.request", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial",
             "-out", "server.pem", "-days", "1", "-extfile", "names"], folder)
        os.remove(self.path("authority.key"))
        # What programs trust instead of the system's list.
        with open(self.path("bundle.pem"), "w") as bundle:
            for part in (SYSTEM_BUNDLE, self.path("authority.pem")):
                if os.path.exists(part):
                    with open(part) as file:
                        bundle.write(file.read())

    def path(self, name):
        return os.path.join(self.folder, name)

    @property
    def pin(self):
        """SHA-256 of the server's public key, as Chromium takes it."""
        key = subprocess.run(["openssl", "x509", "-in", "server.pem", "-noout", "-pubkey"], cwd=self.folder, check=True, capture_output=True)
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key.stdout, check=True, capture_output=True).stdout
        return base64.b64encode(hashlib.sha256(der).digest()).decode()
