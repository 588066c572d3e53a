/** Files that a reader gives: dropped, with folders, or pasted. */

const isDrafts = (name: string) =>
  /\.(csv|tsv|jsonl|ndjson|json|ya?ml|parquet|txt)$/i.test(name) || !/\.\w+$/.test(name);

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => {
    entry.file(resolve, reject);
  });

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return all;
    for (const entry of some) all.push(entry);
  }
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await fileOf(entry as FileSystemFileEntry)];
  const entries = await entriesOf(entry as FileSystemDirectoryEntry);
  const found = await Promise.all(entries.map(filesIn));
  return found.flat().filter(({ name }) => isDrafts(name));
}

/** In the order of their names, so that the same folder is the same table. */
const inOrder = (files: File[]) => files.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));

export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry != null);
  if (entries.length > 0) return inOrder((await Promise.all(entries.map(filesIn))).flat());
  if (transfer.files.length > 0) return inOrder([...transfer.files]);
  const text = transfer.getData('text/plain');
  return text.trim() === '' ? [] : [new File([text], 'pasted')];
}
