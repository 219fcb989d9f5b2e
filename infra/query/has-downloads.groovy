// Run by maven-invoker-plugin: whether DuckDB, which the collector does not need, is here or can be downloaded.
def pom = new File(basedir, 'pom.xml').text
def version = (pom =~ /<duckdb.version>(.+)<\/duckdb.version>/)[0][1]
if (new File(localRepositoryPath, "org/duckdb/duckdb_jdbc/${version}/duckdb_jdbc-${version}.jar").exists()) {
    return true
}
def isDownloaded = false
if (maven != 'offline: true') {
    def windows = System.getProperty('os.name').toLowerCase(Locale.ROOT).contains('windows')
    def command = [new File(System.getProperty('maven.home'), windows ? 'bin/mvn.cmd' : 'bin/mvn').path, '-B', '-q',
        '-Dmaven.repo.local=' + localRepositoryPath, 'resources:testResources']
    isDownloaded = new ProcessBuilder(command).directory(basedir).redirectErrorStream(true)
        .redirectOutput(new File(basedir, '../../target/query-downloads.log')).start().waitFor() == 0
}
if (!isDownloaded) {
    println "infra/query is not built and not tested: DuckDB ${version} is not in the local repository and cannot be" +
        ' downloaded (target/query-downloads.log). The collector does not need it.'
}
return isDownloaded
