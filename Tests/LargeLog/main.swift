// Writes the published files of a community whose tree is so large that a wallet fetches buckets of it, in the states that the tree goes through, and what two of its members have:
//
//   large-log FOLDER BUCKETS
//
//   log/                 what stands behind a log's prefix, but for the checkpoint: description, hashes, the tree of each state
//   checkpoint-1 ... 4   of: the tree 900 leaves short of so many full buckets; 600 leaves more; 600 more, half of them in a bucket of their own; a leaf less in each bucket
//   histogram            of the second state
//   receipt.json         what answers the claim with the member's words and code; the leaf is among those of the second state
//   restored.json        the same member's wallet, brought back from the words: it knows the place from the log
//   other.json           a wallet of the same words with another leaf, in another bucket, of which the draw is the same
//   request.json         an act, asked for every member with 20 votes
//   about.json           names, numbers and places of all this
//
// Leaves are points that nobody can open, but for these two. Entries of the log are stand-ins: such a wallet sees their hashes alone.
import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 3, let buckets = Int(arguments[2]), buckets >= 9 else {
    FileHandle.standardError.write(Data("usage: large-log FOLDER BUCKETS, 9 buckets or more\n".utf8))
    exit(2)
}
try LargeLog(buckets: buckets).write(to: arguments[1])
