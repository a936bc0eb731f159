/* A recipe that is told what to do. The answer is anything that JSON can say. */
interface Recipe {
    Object call(String verb, Arguments arguments) throws Exception;
}
