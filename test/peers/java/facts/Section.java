/** A group of facts: what the client is asked to do, and what it says. */
interface Section {
    void tell(Facts facts) throws Exception;
}
