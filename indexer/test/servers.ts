import postgres from 'postgres';

let n = 0;
export const createDatabase = async () => {
  const admin = postgres(process.env.TEST_DATABASE_URL ?? '', { max: 1 });
  const name = `t_${Date.now()}_${n++}`;
  await admin.unsafe(`create database ${name}`);
  await admin.end();
  const url = new URL(process.env.TEST_DATABASE_URL ?? '');
  url.pathname = `/${name}`;
  return url.href;
};
