#if hasFeature(Embedded)
/// Where there is no OpenSSL the portable twin is the hash.
public typealias SHA256 = PortableSHA256
/// Where there is no OpenSSL the portable twin is the extendable hash.
public typealias SHAKE128 = PortableSHAKE128
/// Where there is no OpenSSL the portable twin is the authentication code.
public typealias HMACSHA256 = PortableHMACSHA256
#endif
