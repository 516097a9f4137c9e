"""Debian's Apache with a configuration of ours, apart from the machine's own."""
import os

from community import free_port
from processes import Server

HERE = os.path.dirname(os.path.abspath(__file__))


class Apache(Server):
    """`name`: of a file in `apache/` and of the folder it lives in. `values`: what is filled in, once the port is known."""

    def __init__(self, name, folder, certificates, values):
        self.folder, self.port = os.path.join(folder, name), free_port()
        os.makedirs(self.folder, exist_ok=True)
        environment = {"PORT": str(self.port), "FOLDER": self.folder, "MODULES": "/usr/lib/apache2/modules",
                       "CERTIFICATES": certificates.folder, "SETTINGS": os.path.join(HERE, "apache"), **values(self.port)}
        command = ["/usr/sbin/apache2", "-d", self.folder, "-f", os.path.join(HERE, "apache", name + ".conf"), "-D", "FOREGROUND"]
        super().__init__(f"Apache ({name})", command, self.port, os.path.join(self.folder, "error.log"), self.folder, environment)
