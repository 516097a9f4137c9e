import ArgumentParser
import VerifierService
print("symbolon")
