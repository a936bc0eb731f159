"""ACLs and identities, as kazoo writes and reads them."""

from kazoo.exceptions import NoAuthError
from kazoo.security import (
    CREATOR_ALL_ACL,
    OPEN_ACL_UNSAFE,
    READ_ACL_UNSAFE,
    ACL,
    Id,
    make_acl,
    make_digest_acl,
    make_digest_acl_credential,
)

from checks import HOST, check, eventually, expect, expect_error, main


@check
def the_default_is_open_to_all(peer):
    client = peer.client()
    client.create("/a")

    acls, stat = client.get_acls("/a")

    expect(acls, OPEN_ACL_UNSAFE)
    expect(stat, client.exists("/a"))


@check
def the_creator_stands_for_its_identities(peer):
    owner, other = peer.clients()
    owner.add_auth("digest", "user:pass")
    owner.create("/a", b"1", acl=CREATOR_ALL_ACL)

    expect(owner.get_acls("/a")[0], [ACL(31, Id("digest", make_digest_acl_credential("user", "pass")))])
    expect(owner.get("/a")[0], b"1")
    expect_error(NoAuthError, other.get, "/a")


@check
def whoever_knows_the_password_may_come_later(peer):
    owner, other = peer.clients()
    owner.create("/a", b"1", acl=[make_digest_acl("user", "pass", all=True)])
    expect_error(NoAuthError, other.get, "/a")

    other.add_auth("digest", "user:wrong")
    expect_error(NoAuthError, other.get, "/a")
    other.add_auth("digest", "user:pass")

    expect(other.get("/a")[0], b"1")


@check
def identities_can_be_given_with_the_connection(peer):
    owner = peer.client(auth_data=[("digest", "user:pass")])
    owner.create("/a", b"1", acl=[make_digest_acl("user", "pass", read=True)])

    expect(owner.get("/a")[0], b"1")
    expect_error(NoAuthError, owner.set, "/a", b"2")


@check
def a_password_may_hold_colons_and_any_script(peer):
    owner, other = peer.clients()
    owner.create("/a", b"1", acl=[make_digest_acl("üser", "pä:ß", all=True)])

    other.add_auth("digest", "üser:pä:ß")

    expect(other.get("/a")[0], b"1")


@check
def each_permission_is_its_own(peer):
    owner, other = peer.clients()
    owner.add_auth("digest", "o:o")
    mine = make_digest_acl("o", "o", all=True)

    def allowed(**permission):
        owner.create("/a", b"1", acl=[mine, make_acl("world", "anyone", **permission)])
        owner.create("/a/old", acl=OPEN_ACL_UNSAFE)
        may = []
        for name, act in (
            ("read", lambda: other.get("/a")),
            ("write", lambda: other.set("/a", b"2")),
            ("create", lambda: other.create("/a/new")),
            ("delete", lambda: other.delete("/a/old")),
            ("admin", lambda: other.set_acls("/a", [mine])),
        ):
            try:
                act()
                may.append(name)
            except NoAuthError:
                pass
        owner.delete("/a", recursive=True)
        return may

    for name in ("read", "write", "create", "delete", "admin"):
        expect(allowed(**{name: True}), [name])


@check
def read_only_for_the_world(peer):
    owner, other = peer.clients()
    owner.create("/a", b"1", acl=READ_ACL_UNSAFE)

    expect(other.get("/a")[0], b"1")
    expect_error(NoAuthError, owner.set, "/a", b"2")


@check
def setting_an_acl_counts_its_version(peer):
    client = peer.client()
    client.create("/a")
    entries = [make_acl("world", "anyone", read=True, admin=True), make_acl("ip", "10.0.0.0/8", all=True)]

    stat = client.set_acls("/a", entries, version=0)

    expect((stat.version, stat.aversion), (0, 1))
    acls, after = client.get_acls("/a")
    expect(acls, entries)
    expect(after, stat)


@check
def an_address_can_be_an_identity(peer):
    owner, other = peer.clients()
    owner.create("/here", b"1", acl=[make_acl("ip", HOST, all=True)])
    owner.create("/there", b"1", acl=[make_acl("ip", "10.1.2.3", all=True)])

    expect(other.get("/here")[0], b"1")
    expect_error(NoAuthError, other.get, "/there")


@check
def a_digest_is_masked_for_those_who_may_only_read(peer):
    owner, other = peer.clients()
    owner.add_auth("digest", "o:o")
    owner.create("/a", acl=[make_digest_acl("o", "o", all=True), make_acl("world", "anyone", read=True)])

    expect([acl.id for acl in other.get_acls("/a")[0]], [Id("digest", "o:x"), Id("world", "anyone")])


@check
def identities_come_along_to_a_new_connection(peer):
    cut = peer.cut()
    client = peer.client(port=cut.port)
    client.add_auth("digest", "user:pass")
    client.create("/a", b"1", acl=CREATOR_ALL_ACL)

    cut.cut()

    expect(eventually(lambda: client.retry(client.get, "/a"))[0], b"1")


@check
def the_default_acl_of_a_client_is_its_own_business(peer):
    acl = make_digest_acl("user", "pass", all=True)
    owner = peer.client(default_acl=[acl], auth_data=[("digest", "user:pass")])

    owner.create("/a/b", makepath=True)

    expect(owner.get_acls("/a/b")[0], [acl])


if __name__ == "__main__":
    main()
