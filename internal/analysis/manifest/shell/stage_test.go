package shell

import "testing"

func TestStageOf(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]Stage{
		"docker compose up -d": StartServices, "docker-compose -f dev.yml up": StartServices, "make services-up": StartServices, "npm run docker:up": StartServices,
		"npm install": Install, "go mod download": Install, "bundle install": Install, "pip install -r requirements.txt": Install, "make setup": Install, "cp .env.example .env": Install, "npx prisma generate": Install,
		"bin/rails db:create": MakeDatabase, "createdb shop": MakeDatabase, "mix ecto.create": MakeDatabase,
		"bin/rails db:migrate": Migrate, "python manage.py migrate": Migrate, "npx prisma migrate dev": Migrate, "alembic upgrade head": Migrate, "php artisan migrate --seed": Migrate, "make migrate": Migrate,
		"flask db upgrade": Migrate, "npm run db:migrate": Migrate, "bin/rails db:setup": Migrate, "mix ecto.migrate": Migrate, "dotnet ef database update": Migrate,
		"bin/rails db:seed": Seed, "npm run seed": Seed, "npx prisma db seed": Seed, "python manage.py loaddata demo.json": Seed, "make db-seed": Seed, "php artisan db:seed": Seed, "yarn seed:all": Seed,
	} {
		if got := StageOf(command); got != want {
			t.Errorf("%q is of stage %d, want %d", command, got, want)
		}
	}
}
