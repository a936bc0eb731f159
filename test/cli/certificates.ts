/** A certificate for localhost, made for tests alone, with its key and a key that is not its own. They protect nothing. */

/** Signed by itself. */
export const CERTIFICATE: string = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUQuqF6WPnCryL2hBdm5jHPfzXGmIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTAyMzY1N1oYDzIxMjYxMDI4
MDIzNjU3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASeVrtbFMX/E3ZVBqBvq6XlT7V9CSNzzUF0yg9IXHD3nPCIsHnLxVWm
17nZykU5ceCpbm9dic5msGqbXQGgphpvo28wbTAdBgNVHQ4EFgQUfufPy9i7b+XX
4z+YBQS/O6gkooQwHwYDVR0jBBgwFoAUfufPy9i7b+XX4z+YBQS/O6gkooQwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgQ4sFUlCiMcnG8Cc+9LHEE0UqlKmG7qWDItGcHJC2AU0CIQCz
ALhYtXYXN2eyqPIOkM+8MMFPopCoeupxmqfNUC4QKw==
-----END CERTIFICATE-----
`

/** The key of the certificate. */
export const KEY: string = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrYZaoIMzj31hnF7w
Ee166+XUkwgpP6dza7tfijYFN3yhRANCAASeVrtbFMX/E3ZVBqBvq6XlT7V9CSNz
zUF0yg9IXHD3nPCIsHnLxVWm17nZykU5ceCpbm9dic5msGqbXQGgphpv
-----END PRIVATE KEY-----
`

/** The key of another. */
export const OTHER_KEY: string = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKiZ04Ds45/At+Nr8
BnysZ7OK9mCIutmiMt0iqKPMDDKhRANCAARhepaGi0igpD5/s2nLukSZfLVp/KzA
q2tNAQiK45H+TENpRAQTlTPiVYbing7tP1u2ezFdLnip/N5kKWZMpUne
-----END PRIVATE KEY-----
`
