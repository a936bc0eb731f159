"""Every refusal of the server that kazoo can provoke, as the class of its error."""

from kazoo.exceptions import (
    AuthFailedError,
    BadArgumentsError,
    BadVersionError,
    ConnectionClosedError,
    InvalidACLError,
    NoAuthError,
    NoChildrenForEphemeralsError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
)
from kazoo.protocol.states import KazooState
from kazoo.security import ACL, Id, make_acl, make_digest_acl

from checks import Seen, check, expect, expect_error, main


@check
def a_missing_znode_is_no_node(peer):
    client = peer.client()

    expect_error(NoNodeError, client.get, "/a")
    expect_error(NoNodeError, client.set, "/a", b"")
    expect_error(NoNodeError, client.delete, "/a")
    expect_error(NoNodeError, client.get_children, "/a")
    expect_error(NoNodeError, client.get_children, "/a", include_data=True)
    expect_error(NoNodeError, client.get_acls, "/a")
    expect_error(NoNodeError, client.set_acls, "/a", [make_acl("world", "anyone", all=True)])
    expect(client.exists("/a"), None)


@check
def a_missing_parent_is_no_node(peer):
    expect_error(NoNodeError, peer.client().create, "/a/b")


@check
def a_name_that_is_taken_is_node_exists(peer):
    client = peer.client()
    client.create("/a")

    expect_error(NodeExistsError, client.create, "/a")
    expect_error(NodeExistsError, client.create, "/a", include_data=True)
    expect_error(NodeExistsError, client.create, "/a", ephemeral=True)


@check
def a_parent_with_children_is_not_empty(peer):
    client = peer.client()
    client.create("/a/b", makepath=True)

    expect_error(NotEmptyError, client.delete, "/a")


@check
def another_version_is_bad_version(peer):
    client = peer.client()
    client.create("/a")

    expect_error(BadVersionError, client.set, "/a", b"", version=1)
    expect_error(BadVersionError, client.delete, "/a", version=1)
    expect_error(BadVersionError, client.set_acls, "/a", [make_acl("world", "anyone", all=True)], version=1)


@check
def an_ephemeral_znode_has_no_children(peer):
    client = peer.client()
    client.create("/a", ephemeral=True)

    expect_error(NoChildrenForEphemeralsError, client.create, "/a/b")


@check
def what_the_acl_withholds_is_no_auth(peer):
    owner, other = peer.clients()
    owner.add_auth("digest", "a:b")
    owner.create("/a", b"1", acl=[make_digest_acl("a", "b", all=True)])

    expect_error(NoAuthError, other.get, "/a")
    expect_error(NoAuthError, other.set, "/a", b"2")
    expect_error(NoAuthError, other.get_children, "/a")
    expect_error(NoAuthError, other.create, "/a/b")
    expect_error(NoAuthError, other.get_acls, "/a")
    expect_error(NoAuthError, other.set_acls, "/a", [make_acl("world", "anyone", all=True)])


@check
def an_acl_that_says_nothing_is_invalid(peer):
    client = peer.client()

    expect_error(InvalidACLError, client.create, "/a", acl=[ACL(31, Id("digest", "no-colon"))])
    expect_error(InvalidACLError, client.create, "/a", acl=[ACL(31, Id("world", "nobody"))])
    expect_error(InvalidACLError, client.create, "/a", acl=[ACL(31, Id("unheard-of", "x"))])
    # The creator has no identity that this could stand for.
    expect_error(InvalidACLError, client.create, "/a", acl=[ACL(31, Id("auth", ""))])
    client.create("/a")
    expect_error(InvalidACLError, client.set_acls, "/a", [ACL(31, Id("world", "nobody"))])


@check
def a_reserved_znode_is_bad_arguments(peer):
    root = peer.client(chroot="")

    expect_error(BadArgumentsError, root.delete, "/zookeeper")
    expect_error(BadArgumentsError, root.delete, "/zookeeper/quota")


@check
def a_name_outside_of_the_basic_plane_is_bad_arguments(peer):
    expect_error(BadArgumentsError, peer.client().create, "/\U0001f600")


@check
def a_name_with_control_characters_is_bad_arguments(peer):
    client = peer.client()

    expect_error(BadArgumentsError, client.create, "/a\x01")
    expect_error(BadArgumentsError, client.create, "/a\x00")
    expect_error(BadArgumentsError, client.create, "/\uf000")


@check
def an_unknown_scheme_is_auth_failed_and_the_connection_is_cut(peer):
    client = peer.client()
    seen = Seen()
    client.add_listener(seen)

    expect_error(AuthFailedError, client.add_auth, "unheard-of", "x")

    expect(seen.next(), KazooState.LOST)


@check
def a_client_that_was_stopped_is_closed(peer):
    client = peer.client()
    client.stop()

    expect_error(ConnectionClosedError, client.get, "/")


@check
def a_refusal_leaves_the_client_as_it_was(peer):
    client = peer.client()
    session = client.client_id

    for _ in range(50):
        expect_error(NoNodeError, client.get, "/a")
        expect_error(BadArgumentsError, client.create, "/a\x01")

    expect(client.client_id, session)
    expect(client.create("/a"), "/a")


if __name__ == "__main__":
    main()
